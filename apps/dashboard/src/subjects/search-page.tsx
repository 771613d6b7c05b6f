/** One field for services, endpoints, users, addresses and credentials; what was typed stands in the address. */
import type { Found, SubjectType } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { count } from '../format.js';
import { Badge } from '../ui/badge.js';
import { Field, Input } from '../ui/field.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago } from '../ui/time.js';
import { subjectTypeName } from '../words.js';
import { SubjectLink } from './subject-link.js';
import { searchQuery } from './subject-queries.js';

const route = getRouteApi('/signed-in/search');
/** Nobody wants an answer to each letter. */
const QUIET_MS = 250;

export function SearchPage() {
  const { text = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(text);
  const sent = useRef(text);
  // Another address, by a link or by going back, says what is searched for; one's own is what was typed a moment ago.
  useEffect(() => {
    if (text === sent.current) return;
    sent.current = text;
    setTyped(text);
  }, [text]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const next = typed.trim();
      sent.current = next;
      void navigate({ search: next ? { text: next } : {}, replace: true });
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [typed, navigate]);
  return (
    <Page title="Search" lead="Users, addresses, credentials, endpoints and services, by a part of their names.">
      <Field
        label="Search for"
        className="mb-4 max-w-xl"
        hint="From two characters on. In requests of the last day: what begins with it."
      >
        {(ids) => (
          <Input
            {...ids}
            type="search"
            maxLength={256}
            autoFocus
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <Results text={text} />
    </Page>
  );
}

function Results({ text }: { text: string }) {
  const query = useQuery(searchQuery(text));
  if (text.length < 2) return null;
  return (
    <Panel className="overflow-hidden">
      {query.isPending ? (
        <SkeletonRows rows={4} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <Empty icon={Search} title="Nobody and nothing by that name">
          Who raised no alert is found in the requests of the last day alone.{' '}
          <Link to="/investigate" className="font-medium text-accent hover:underline">
            Look further back in Investigate
          </Link>
        </Empty>
      ) : (
        <>
          <DataTable label="Found" columns={columns} rows={query.data.items} rowId={keyOf} />
          {!query.data.history && (
            <p className="px-4 py-2 text-faint text-xs">Requests were not looked through: the history cannot be read now.</p>
          )}
        </>
      )}
    </Panel>
  );
}

const keyOf = ({ type, id, service }: Found) => `${type} ${service} ${id}`;
const helper = columnsFor<Found>();
const columns = helper.columns([
  helper.accessor('id', {
    header: 'Name',
    cell: ({ row: { original } }) => (
      <span className="block max-w-[48vw] truncate" title={original.id}>
        <SubjectLink {...original} />
      </span>
    ),
  }),
  helper.accessor('type', {
    header: 'What',
    cell: ({ getValue }) => <Badge>{subjectTypeName(getValue() as SubjectType)}</Badge>,
  }),
  helper.accessor('service', { header: 'Service', meta: { wide: true } }),
  helper.accessor('alerts', { header: 'Alerts', meta: { end: true }, cell: ({ getValue }) => count(getValue()) }),
  helper.accessor('decisions', {
    header: 'Decisions',
    meta: { end: true, wide: true },
    cell: ({ getValue }) => count(getValue()),
  }),
  helper.accessor('lastAt', {
    header: 'Last',
    meta: { end: true, wide: true },
    cell: ({ getValue }) => {
      const ts = getValue();
      return ts === null ? <span className="text-faint">–</span> : <Ago ts={ts} className="whitespace-nowrap text-muted" />;
    },
  }),
]);
