/** The orders in force and those that were: who is held back, by whom, until when; lifting them. */
import type { Decision } from '@plimsoll/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ShieldOff } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { serverNow } from '../clock.js';
import { isActive } from '../live-cache.js';
import { decisionsQuery } from '../queries.js';
import { ReachLine } from '../services/reach-line.js';
import { ActionBadge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago, useNow } from '../ui/time.js';
import { subjectTypeName } from '../words.js';
import { DecisionState, originText, rateText } from './decision-words.js';
import { LiftDialog } from './lift-dialog.js';
import { NewDecision } from './new-decision.js';

const route = getRouteApi('/signed-in/decisions');
const choices = [
  { value: 'active', name: 'In force' },
  { value: 'all', name: 'All' },
] as const;

export function DecisionsPage() {
  const { show = 'active' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(decisionsQuery(show === 'active' ? { active: true } : {}));
  const [lifting, setLifting] = useState<Decision>();
  const decisions = useStanding(
    query.data?.pages.flatMap((page) => page.items),
    show === 'active',
  );
  const columns = useMemo(() => columnsWith(setLifting), []);
  return (
    <Page
      title="Decisions"
      lead="Orders that the bouncers inside the APIs enforce."
      actions={
        <>
          <Segmented
            label="Show"
            value={show}
            choices={choices}
            onChange={(next) => void navigate({ search: next === 'active' ? {} : { show: next }, replace: true })}
          />
          <NewDecision />
        </>
      }
    >
      <Panel className="overflow-hidden">
        {query.isPending ? (
          <SkeletonRows rows={6} />
        ) : query.isError && !query.data ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : decisions.length === 0 ? (
          <Empty icon={ShieldOff} title={show === 'active' ? 'Nobody is held back' : 'No decision yet'}>
            Policies and people throttle, challenge or block; what they decided stands here with its end and a way to lift it.
          </Empty>
        ) : (
          <DataTable label="Decisions" columns={columns} rows={decisions} rowId={({ id }) => id} />
        )}
      </Panel>
      {query.hasNextPage && (
        <div className="mt-4 text-center">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load older
          </Button>
        </div>
      )}
      <LiftDialog decision={lifting} onClose={() => setLifting(undefined)} />
    </Page>
  );
}

/** Without those whose time ran out while the page was open; they leave the list after a moment. */
function useStanding(decisions: readonly Decision[] | undefined, activeOnly: boolean): readonly Decision[] {
  const now = useNow();
  const standing = (decisions ?? []).filter((decision) => !activeOnly || isActive(decision, now - 2_000));
  // The table compares by identity: the same rows must be the same array.
  const [kept, keep] = useState(standing);
  const same = kept.length === standing.length && kept.every((decision, index) => decision === standing[index]);
  useEffect(() => {
    if (!same) keep(standing);
  });
  return same ? kept : standing;
}

const helper = columnsFor<Decision>();

function columnsWith(lift: (decision: Decision) => void) {
  return helper.columns([
    helper.accessor('action', { header: 'Action', cell: ({ getValue }) => <ActionBadge action={getValue()} /> }),
    helper.accessor((decision) => decision.subject.id, {
      id: 'subject',
      header: 'Whom',
      cell: ({ row: { original } }) => (
        <span className="block max-w-[32vw] truncate sm:max-w-64" title={original.subject.id}>
          <span className="text-faint">{subjectTypeName(original.subject.type)}</span>{' '}
          <span className="font-medium">{original.subject.id}</span>
        </span>
      ),
    }),
    helper.accessor((decision) => decision.endpoint ?? '', {
      id: 'endpoint',
      header: 'Where',
      meta: { wide: true },
      cell: ({ row: { original } }) => (
        <span className="block max-w-56 truncate">
          {original.service}
          <span className="block truncate font-mono text-faint text-xs">{original.endpoint ?? 'everywhere'}</span>
        </span>
      ),
    }),
    helper.accessor('reason', {
      header: 'Why',
      meta: { wide: true },
      cell: ({ row: { original } }) => <Reason decision={original} />,
    }),
    helper.accessor((decision) => originText(decision), {
      id: 'origin',
      header: 'By',
      meta: { wide: true },
      cell: ({ getValue, row: { original } }) => (
        <span className="whitespace-nowrap">
          {getValue()}
          <Ago ts={original.createdAt} className="block text-faint text-xs" />
        </span>
      ),
    }),
    helper.accessor('until', {
      header: 'Left',
      meta: { end: true },
      cell: ({ row: { original } }) => <DecisionState decision={original} />,
    }),
    helper.display({
      id: 'act',
      header: () => <span className="sr-only">Act</span>,
      meta: { end: true },
      cell: ({ row: { original } }) =>
        isActive(original, serverNow()) && (
          <Button size="sm" onClick={() => lift(original)}>
            Lift
          </Button>
        ),
    }),
  ]);
}

function Reason({ decision }: { decision: Decision }) {
  return (
    <span className="block min-w-40 max-w-80">
      <span className="line-clamp-2 break-words" title={decision.reason}>
        {decision.alertId ? (
          <Link to="/alerts/$id" params={{ id: decision.alertId }} className="hover:text-accent hover:underline">
            {decision.reason}
          </Link>
        ) : (
          decision.reason
        )}
      </span>
      {decision.rate && <span className="text-faint text-xs">{rateText(decision.rate)}</span>}
      {isActive(decision, serverNow()) && <ReachLine decision={decision} />}
    </span>
  );
}
