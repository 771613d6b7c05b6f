/** The queue of alerts: live, filtered by the address, worked through with the keyboard. */
import type { Alert } from '@plimsoll/contracts';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { BellOff, CheckCheck } from 'lucide-react';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { serverNow } from '../clock.js';
import { useCommands } from '../commands.js';
import { draftFor, enforceable } from '../decisions/order.js';
import { DecideDialog, TriageDialogs } from '../overlays.js';
import { type AlertFilters, alertsQuery, campaignSizesQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, NoMatch, SkeletonRows } from '../ui/states.js';
import { AlertList } from './alert-list.js';
import { BulkBar } from './bulk-bar.js';
import { Filters } from './filters.js';
import { HeldBar, useHeld } from './held.js';
import { type AlertSearch, filtersOf, isFiltered } from './search.js';
import { myself } from './use-act.js';
import { queueCommands, useQueue } from './use-queue.js';
import { isUnseen, useSeen } from './use-seen.js';

const route = getRouteApi('/signed-in/alerts');
/** Nobody reads on from here, and the page keeps no more. */
const MOST_READ = 5_000;

export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filters = useMemo(() => filtersOf(search, myself().id), [search]);
  const options = useMemo(() => alertsQuery(filters), [filters]);
  const query = useInfiniteQuery(options);
  const sizes = useSizes(filters, query.data?.pages.length ?? 0);
  const all = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const { alerts: listed, held, release, pointer } = useHeld(all, options.queryKey);
  // Drawn in slices between other work: two hundred new rows a second must not hold up a key or a click.
  const alerts = useDeferredValue(listed);
  const searchRef = useRef<HTMLInputElement>(null);
  const [blocking, setBlocking] = useState<Alert>();
  const { seen, mark } = useSeen();
  const change = useCallback(
    (part: Partial<AlertSearch>) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true }),
    [navigate],
  );
  const clear = useCallback(() => void navigate({ search: {}, replace: true }), [navigate]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && all.length < MOST_READ) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, all.length]);
  const queue = useQueue(alerts, { focusSearch: () => searchRef.current?.focus(), onBlock: setBlocking });
  useCommands('alerts', queueCommands(queue));
  const unseen = alerts.some((alert) => isUnseen(alert, seen));
  return (
    <Page
      title="Alerts"
      lead="What is out of its normal, latest activity first. New ones appear by themselves."
      actions={
        unseen && (
          <Button look="ghost" onClick={() => mark({ upTo: serverNow() })}>
            <CheckCheck aria-hidden className="size-4" /> Mark all as seen
          </Button>
        )
      }
    >
      <Filters search={search} onChange={change} onClear={clear} searchRef={searchRef} />
      <div {...pointer}>
        <HeldBar held={held} onRelease={release} />
        <Panel className="overflow-hidden">
          {query.isPending ? (
            <SkeletonRows rows={10} />
          ) : query.isError && !query.data ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : alerts.length === 0 ? (
            <NoAlerts filtered={isFiltered(search)} onClear={clear} />
          ) : (
            <AlertList
              alerts={alerts}
              selection={queue.selection}
              marked={queue.marked}
              seen={seen}
              sizes={sizes}
              acts={queue.acts}
              onEnd={more}
            />
          )}
        </Panel>
      </div>
      {isFetchingNextPage && <SkeletonRows rows={3} />}
      {all.length >= MOST_READ && <p className="px-4 py-3 text-faint text-xs">Older ones are found by the filters.</p>}
      <BulkBar chosen={queue.chosen} act={queue.act} ask={queue.ask} may={queue.may} onClear={queue.clear} />
      {queue.asking && <TriageDialogs asking={queue.asking} act={queue.act} onClose={queue.close} />}
      <BlockDialog alert={blocking} onClose={() => setBlocking(undefined)} />
    </Page>
  );
}

const NO_SIZES: ReadonlyMap<string, number> = new Map();

/** Of a list by campaign, asked for anew with each page that comes; of another list there are none. */
function useSizes(filters: AlertFilters, pages: number): ReadonlyMap<string, number> {
  const client = useQueryClient();
  const on = filters.group === 'campaign' && pages > 0;
  const options = campaignSizesQuery(filters);
  const { data } = useQuery({ ...options, enabled: on });
  const key = useRef(options.queryKey);
  useEffect(() => {
    key.current = options.queryKey;
  });
  useEffect(() => {
    if (pages > 1) void client.invalidateQueries({ queryKey: key.current, exact: true });
  }, [client, pages]);
  return (on && data) || NO_SIZES;
}

/** Who is blocked from the list is asked as on the alert's page; of what cannot be blocked nothing opens. */
function BlockDialog({ alert, onClose }: { alert: Alert | undefined; onClose: () => void }) {
  const subject = alert && enforceable(alert.subject);
  if (!alert || !subject) return null;
  return <DecideDialog action="block" draft={draftFor(alert, subject)} endpoint={alert.endpoint} onClose={onClose} />;
}

function NoAlerts({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return filtered ? (
    <NoMatch onClear={onClear} />
  ) : (
    <Empty icon={BellOff} title="All clear">
      Nobody is out of their normal right now. New alerts appear here by themselves, without a reload.
    </Empty>
  );
}
