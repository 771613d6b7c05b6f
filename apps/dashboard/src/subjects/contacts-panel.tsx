/** Whom and what the requests of the last week were with: addresses, devices, users, credentials. */
import type { Contact, Contacts, SubjectType } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { count } from '../format.js';
import { partyOf } from '../investigate/search.js';
import { Panel } from '../ui/panel.js';
import { SkeletonRows } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { NoHistory } from './no-history.js';
import { Sequence } from './sequence.js';
import { SubjectLink } from './subject-link.js';
import { contactsQuery } from './subject-queries.js';

const lists: readonly {
  list: Exclude<keyof Contacts, 'steps'>;
  title: string;
  links?: SubjectType;
  not: readonly SubjectType[];
}[] = [
  { list: 'addresses', title: 'Addresses', links: 'address', not: ['address'] },
  { list: 'devices', title: 'Devices', not: [] },
  { list: 'actors', title: 'Users', links: 'actor', not: ['actor'] },
  { list: 'credentials', title: 'Credentials', links: 'credential', not: ['credential'] },
  { list: 'endpoints', title: 'Endpoints', links: 'endpoint', not: ['endpoint', 'service'] },
];

interface ContactsProps {
  service: string;
  type: SubjectType;
  id: string;
}

/** One panel with the lists, one with the sequence: both from one answer. */
export function ContactPanels({ service, type, id }: ContactsProps) {
  const query = useQuery(contactsQuery(service, type, id));
  const waiting = query.isPending ? (
    <SkeletonRows rows={4} />
  ) : query.isError && !query.data ? (
    <NoHistory error={query.error} retry={() => void query.refetch()} />
  ) : undefined;
  const shown = lists.filter(({ list, not }) => !not.includes(type) && (query.data?.[list].length ?? 0) > 0);
  return (
    <>
      <Panel title={`Met with, last ${type === 'service' ? '24 hours' : '7 days'}`}>
        {waiting ??
          (shown.length === 0 ? (
            <p className="px-4 py-5 text-muted text-sm">
              No requests in this time.{' '}
              <Link
                to="/investigate"
                search={{ service, ...partyOf(type, id) }}
                className="font-medium text-accent hover:underline"
              >
                Look further back
              </Link>
            </p>
          ) : (
            <div className="divide-y">
              {shown.map(({ list, title, links }) => (
                <List key={list} title={title} items={query.data?.[list] ?? []} service={service} links={links} />
              ))}
            </div>
          ))}
      </Panel>
      {query.data && query.data.steps.length > 0 && (
        <Panel title="Sequence">
          <Sequence steps={query.data.steps} />
        </Panel>
      )}
    </>
  );
}

const SHOWN = 6;

interface ListProps {
  title: string;
  items: readonly Contact[];
  service: string;
  links: SubjectType | undefined;
}

function List({ title, items, service, links }: ListProps) {
  const [all, setAll] = useState(false);
  return (
    <section className="px-4 py-3">
      <h3 className="font-medium text-muted text-xs">{title}</h3>
      <ul aria-label={title} className="mt-1.5 space-y-1 text-sm">
        {items.slice(0, all ? undefined : SHOWN).map(({ id, requests, lastAt }) => (
          <li key={id} className="flex items-baseline gap-3">
            <span className="min-w-0 flex-1 truncate" title={id}>
              {links ? <SubjectLink service={service} type={links} id={id} /> : id}
            </span>
            <span className="shrink-0 text-faint text-xs">
              {count(requests)}, <Ago ts={lastAt} />
            </span>
          </li>
        ))}
      </ul>
      {items.length > SHOWN && !all && (
        <button type="button" onClick={() => setAll(true)} className="mt-1.5 text-accent text-xs hover:underline">
          Show {items.length - SHOWN} more
        </button>
      )}
    </section>
  );
}
