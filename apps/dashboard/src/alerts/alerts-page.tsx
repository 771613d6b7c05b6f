/** The queue of alerts: live, filtered by the address, worked through with the keyboard. */
import type { Alert } from '@plimsoll/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { BellOff, SearchX } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useAcknowledge } from '../actions.js';
import { useKeys } from '../keys.js';
import { alertsQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { AlertList } from './alert-list.js';
import { Filters } from './filters.js';
import { ResolveDialog } from './resolve-dialog.js';
import { type AlertSearch, filtersOf, isFiltered } from './search.js';
import { placeOf, type Selection, step } from './selection.js';

const route = getRouteApi('/signed-in/alerts');

export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(alertsQuery(useMemo(() => filtersOf(search), [search])));
  const alerts = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const searchRef = useRef<HTMLInputElement>(null);
  const change = useCallback(
    (part: Partial<AlertSearch>) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true }),
    [navigate],
  );
  const clear = useCallback(() => void navigate({ search: {}, replace: true }), [navigate]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const triage = useTriage(alerts, () => searchRef.current?.focus());
  return (
    <Page title="Alerts" lead="What is out of its normal, latest activity first. New ones appear by themselves.">
      <Filters search={search} onChange={change} onClear={clear} searchRef={searchRef} />
      <Panel className="overflow-hidden">
        {query.isPending ? (
          <SkeletonRows rows={10} />
        ) : query.isError && !query.data ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : alerts.length === 0 ? (
          <NoAlerts filtered={isFiltered(search)} onClear={clear} />
        ) : (
          <AlertList alerts={alerts} selection={triage.selection} acts={triage.acts} onEnd={more} />
        )}
      </Panel>
      {isFetchingNextPage && <SkeletonRows rows={3} />}
      <ResolveDialog alert={triage.resolving} onClose={triage.stopResolving} />
    </Page>
  );
}

function NoAlerts({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return filtered ? (
    <Empty icon={SearchX} title="Nothing matches these filters">
      <Button size="sm" className="mt-2" onClick={onClear}>
        Reset filters
      </Button>
    </Empty>
  ) : (
    <Empty icon={BellOff} title="All clear">
      Nobody is out of their normal right now. New alerts appear here by themselves, without a reload.
    </Empty>
  );
}

/** Selection, acknowledge and resolve, by pointer and by keyboard. */
function useTriage(alerts: readonly Alert[], focusSearch: () => void) {
  const [selection, setSelection] = useState<Selection>();
  const [resolving, setResolving] = useState<Alert>();
  const { mutate: acknowledge } = useAcknowledge();
  const ids = useMemo(() => alerts.map(({ id }) => id), [alerts]);
  const place = useRef(ids);
  useEffect(() => {
    place.current = ids;
  });
  const acts = useMemo(
    () => ({
      acknowledge: (alert: Alert) => acknowledge(alert),
      resolve: setResolving,
      select: ({ id }: Alert) => setSelection((old) => (old?.id === id ? old : { id, index: place.current.indexOf(id) })),
    }),
    [acknowledge],
  );
  // Of a row that was dealt with and is gone, the next one takes the place.
  const index = placeOf(ids, selection);
  const id = ids[index];
  const shown = useMemo(() => (id === undefined ? undefined : { id, index }), [id, index]);
  const current = () => alerts[index];
  useKeys({
    j: () => setSelection((old) => step(ids, old, 1)),
    k: () => setSelection((old) => step(ids, old, -1)),
    e: () => {
      const alert = current();
      if (alert?.state === 'open') acknowledge(alert);
    },
    r: () => {
      const alert = current();
      if (alert && alert.state !== 'resolved') setResolving(alert);
    },
    '/': focusSearch,
  });
  return { selection: shown, acts, resolving, stopResolving: () => setResolving(undefined) };
}
