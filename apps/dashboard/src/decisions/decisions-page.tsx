/** The orders in force and those that were: who is held back, by whom, until when; lifting them. */
import type { Decision } from '@plimsoll/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ShieldOff } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { serverNow } from '../clock.js';
import { isActive, isStanding } from '../live-cache.js';
import { type DecisionFilters, decisionsQuery } from '../queries.js';
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
import { LiftButton } from './lift-button.js';
import { LiftDialog } from './lift-dialog.js';
import { NewDecision } from './new-decision.js';
import { PendingActs, PendingBars } from './pending.js';

const route = getRouteApi('/signed-in/decisions');
const choices = [
  { value: 'active', name: 'In force' },
  { value: 'pending', name: 'Waiting' },
  { value: 'dry-run', name: 'Dry run' },
  { value: 'all', name: 'All' },
] as const;
type Show = (typeof choices)[number]['value'];

const filtersOf: Record<Show, DecisionFilters> = {
  active: { active: true },
  pending: { active: true, mode: 'pending' },
  'dry-run': { mode: 'dry-run' },
  all: {},
};
const nothing: Record<Show, { title: string; text: string }> = {
  active: {
    title: 'Nobody is held back',
    text: 'Policies and people throttle, challenge or block; what they decided stands here with its end and a way to lift it.',
  },
  pending: {
    title: 'Nothing waits for a person',
    text: 'Where policies would block more of the live traffic at once than a service allows, the blocks wait here for a word.',
  },
  'dry-run': {
    title: 'No dry run has found anybody',
    text: 'What the policies of a service on a dry run would have done is listed here; nobody is held back by it.',
  },
  all: { title: 'No decision yet', text: 'What policies and people decide stays listed here.' },
};

export function DecisionsPage() {
  const { show = 'active' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(decisionsQuery(filtersOf[show]));
  const [lifting, setLifting] = useState<Decision>();
  const decisions = useStanding(
    query.data?.pages.flatMap((page) => page.items),
    show,
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
      {show === 'pending' && <PendingBars decisions={decisions} />}
      <Panel className="overflow-hidden">
        {query.isPending ? (
          <SkeletonRows rows={6} />
        ) : query.isError && !query.data ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : decisions.length === 0 ? (
          <Empty icon={ShieldOff} title={nothing[show].title}>
            {nothing[show].text}
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

const stays: Partial<Record<Show, typeof isActive>> = { active: isActive, pending: isStanding };

/** Without those whose time ran out while the page was open; they leave the list after a moment. */
function useStanding(decisions: readonly Decision[] | undefined, show: Show): readonly Decision[] {
  const now = useNow();
  const standing = (decisions ?? []).filter((decision) => stays[show]?.(decision, now - 2_000) ?? true);
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
    helper.accessor('action', { header: 'Action', cell: ({ row: { original } }) => <ActionBadge decision={original} /> }),
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
      cell: ({ row: { original } }) => isStanding(original, serverNow()) && <Acts decision={original} lift={lift} />,
    }),
  ]);
}

function Acts({ decision, lift }: { decision: Decision; lift: (decision: Decision) => void }) {
  if (decision.mode === 'pending') return <PendingActs decision={decision} />;
  return <LiftButton decision={decision} ask={lift} />;
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
