/** Every request that was kept: searched by the address of the page, counted over time, shown one by one. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { DatabaseZap, SearchX } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { serverNow } from '../clock.js';
import { useKeys } from '../keys.js';
import { historyQuery, requestsQuery, servicesQuery } from '../queries.js';
import { isProtected } from '../services/own.js';
import { FoundPanel, useFound } from '../ui/found-panel.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, NoMatch, SkeletonRows } from '../ui/states.js';
import { HistogramPanel } from './histogram-panel.js';
import { HistoryLine } from './history-line.js';
import { RequestDialog } from './request-dialog.js';
import { RequestList } from './request-list.js';
import { filterOf, type InvestigateSearch, isNarrowed } from './search.js';
import { SearchForm } from './search-form.js';
import { useExport } from './use-export.js';

const route = getRouteApi('/signed-in/investigate');

export function InvestigatePage() {
  const services = useQuery(servicesQuery);
  const search = route.useSearch();
  const service = search.service ?? (services.data?.items.find(isProtected) ?? services.data?.items[0])?.id;
  return (
    <Page
      title="Investigate"
      lead="Every request that was kept. The address of this page is a link to the search; Copy link fixes its time too."
    >
      {service !== undefined ? (
        <Investigation service={service} services={services.data?.items.map(({ id }) => id) ?? []} />
      ) : services.isPending ? (
        <SkeletonRows rows={8} />
      ) : services.isError ? (
        <Failure error={services.error} retry={() => void services.refetch()} />
      ) : (
        <Empty icon={SearchX} title="There is no service yet">
          Requests are kept for each service that sends its request logs.{' '}
          <Link to="/start" className="font-medium text-accent hover:underline">
            Protect the first one
          </Link>
        </Empty>
      )}
    </Page>
  );
}

function Investigation({ service, services }: { service: string; services: readonly string[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [now, setNow] = useState(serverNow);
  const filter = useMemo(() => filterOf(search, service, now), [search, service, now]);
  const kept = useQuery(historyQuery(service));
  const field = useRef<HTMLInputElement>(null);
  const change = useCallback(
    (part: Partial<InvestigateSearch>) => {
      setNow(serverNow());
      void navigate({ search: (old) => ({ ...old, service, ...part }) });
    },
    [navigate, service],
  );
  // Whoever opens the link may see other services, and another one first.
  const named = search.service !== undefined;
  useEffect(() => {
    if (!named) void navigate({ search: (old) => ({ ...old, service }), replace: true });
  }, [named, navigate, service]);
  const clear = () => void navigate({ search: { service } });
  useKeys({ '/': () => field.current?.focus() });
  if (kept.data && kept.data.state !== 'on') {
    return (
      <Panel>
        <Empty
          icon={DatabaseZap}
          title={kept.data.state === 'preparing' ? 'The history is being prepared' : 'No history can be searched'}
        >
          {kept.data.reason}
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      <SearchForm
        search={search}
        filter={filter}
        service={service}
        services={services}
        onChange={change}
        onClear={clear}
        fieldRef={field}
      />
      <HistogramPanel filter={filter} onNarrow={(from, to) => change({ from, to })} />
      <Found filter={filter} narrowed={isNarrowed(search)} onClear={clear} onChange={change} />
      {kept.data && <HistoryLine kept={kept.data} />}
    </>
  );
}

interface FoundProps {
  filter: ReturnType<typeof filterOf>;
  narrowed: boolean;
  onClear: () => void;
  onChange: (part: Partial<InvestigateSearch>) => void;
}

function Found({ filter, narrowed, onClear, onChange }: FoundProps) {
  const query = useInfiniteQuery(requestsQuery(filter));
  const { items: requests, more } = useFound(query);
  const [shown, setShown] = useState<(typeof requests)[number]>();
  const saving = useExport();
  const nothing = narrowed ? (
    <NoMatch title="No requests in this time" onClear={onClear} />
  ) : (
    <Empty icon={SearchX} title="No requests in this time">
      Requests appear here as they come; choose a longer time to look further back.
    </Empty>
  );
  const save = () => saving.mutate(filter);
  return (
    <>
      <FoundPanel
        title="Requests"
        className="mt-4"
        query={query}
        items={requests}
        saving={saving}
        onExport={save}
        nothing={nothing}
      >
        <RequestList requests={requests} onShow={setShown} onEnd={more} />
      </FoundPanel>
      <RequestDialog service={filter.service} request={shown} onClose={() => setShown(undefined)} onSearch={onChange} />
    </>
  );
}
