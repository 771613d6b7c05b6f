/** The audit: what people did and were refused, newest first, and whether its chain is whole. */
import type { AuditRecord } from '@plimsoll/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Lock, ScrollText } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { meQuery } from '../access-queries.js';
import { useMay } from '../allowed.js';
import { useKeys } from '../keys.js';
import { FoundPanel, useFound } from '../ui/found-panel.js';
import { Page } from '../ui/panel.js';
import { Empty, Failure, NoMatch, SkeletonRows } from '../ui/states.js';
import { AuditList } from './audit-list.js';
import { auditQuery } from './audit-queries.js';
import { ChainPanel } from './chain-panel.js';
import { AuditFilters } from './filters.js';
import { RowDialog } from './row-dialog.js';
import { type AuditSearch, filterOf, isNarrowed } from './search.js';
import { useExport } from './use-export.js';

const route = getRouteApi('/signed-in/audit');

export function AuditPage() {
  const me = useQuery(meQuery);
  const reads = useMay('audit.read');
  return (
    <Page title="Audit" lead="What people did and were refused. The address of this page is a link to what it shows.">
      {reads ? (
        <Audit />
      ) : me.isPending ? (
        <SkeletonRows rows={8} />
      ) : me.isError && !me.data ? (
        <Failure error={me.error} retry={() => void me.refetch()} />
      ) : (
        <Empty icon={Lock} title="The audit is not for you">
          Owners of every team see it.
        </Empty>
      )}
    </Page>
  );
}

function Audit() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const change = useCallback(
    (part: Partial<AuditSearch>) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const clear = () => void navigate({ search: {} });
  useKeys({ '/': () => field.current?.focus() });
  return (
    <>
      <ChainPanel />
      <AuditFilters search={search} onChange={change} onClear={clear} fieldRef={field} />
      <Found search={search} onChange={change} onClear={clear} />
    </>
  );
}

interface FoundProps {
  search: AuditSearch;
  onChange: (part: Partial<AuditSearch>) => void;
  onClear: () => void;
}

function Found({ search, onChange, onClear }: FoundProps) {
  const filter = useMemo(() => filterOf(search), [search]);
  const query = useInfiniteQuery(auditQuery(filter));
  const { items: rows, more } = useFound(query);
  const [shown, setShown] = useState<AuditRecord>();
  const exports = useMay('audit.export');
  const saving = useExport();
  const nothing = isNarrowed(search) ? (
    <NoMatch title="Nothing was done" onClear={onClear} />
  ) : (
    <Empty icon={ScrollText} title="Nothing was done">
      Every change and every refusal will be here.
    </Empty>
  );
  const save = exports ? () => saving.mutate(filter) : undefined;
  return (
    <>
      <FoundPanel title="Rows" query={query} items={rows} saving={saving} onExport={save} nothing={nothing}>
        <AuditList rows={rows} onShow={setShown} onEnd={more} />
      </FoundPanel>
      <RowDialog row={shown} onClose={() => setShown(undefined)} onSearch={onChange} />
    </>
  );
}
