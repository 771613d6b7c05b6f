/** The orders in force and those that were: who is held back, by whom, until when; lifting them. */
import type { Decision } from '@plimsoll/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ShieldOff } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useMay, useMayIn } from '../allowed.js';
import { serverNow } from '../clock.js';
import { isActive, isStanding } from '../live-cache.js';
import { decisionsQuery } from '../queries.js';
import { ReachLine } from '../services/reach-line.js';
import { SubjectLink } from '../subjects/subject-link.js';
import { ActionBadge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, NoMatch, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago, useNow } from '../ui/time.js';
import { subjectTypeName } from '../words.js';
import { DecisionState, originText, rateText } from './decision-words.js';
import { ExtendDialog } from './extend-dialog.js';
import { DecisionFilterBar } from './filter-bar.js';
import { LiftButton } from './lift-button.js';
import { LiftDialog } from './lift-dialog.js';
import { NewDecision } from './new-decision.js';
import { PendingActs, PendingBars } from './pending.js';
import { filtersOf, goesOn, nothing, type Show, stays } from './search.js';

const route = getRouteApi('/signed-in/decisions');
export function DecisionsPage() {
  const search = route.useSearch();
  const { show = 'active' } = search;
  const navigate = route.useNavigate();
  const makes = useMay('decision.make');
  const query = useInfiniteQuery(decisionsQuery(filtersOf(search)));
  const [lifting, setLifting] = useState<Decision>();
  const [extending, setExtending] = useState<Decision>();
  const decisions = useStanding(
    query.data?.pages.flatMap((page) => page.items),
    show,
  );
  const columns = useMemo(() => columnsWith({ lift: setLifting, extend: setExtending }), []);
  return (
    <Page title="Decisions" lead="Orders that the bouncers inside the APIs enforce." actions={<NewDecision />}>
      <DecisionFilterBar />
      {show === 'pending' && <PendingBars decisions={decisions} />}
      <Panel className="overflow-hidden">
        {query.isPending ? (
          <SkeletonRows rows={6} />
        ) : query.isError && !query.data ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : decisions.length === 0 && (search.by || search.service) ? (
          <NoMatch
            title={nothing[show].title}
            onClear={() => void navigate({ search: search.show ? { show: search.show } : {}, replace: true })}
          />
        ) : decisions.length === 0 ? (
          <Empty icon={ShieldOff} title={nothing[show].title}>
            {nothing[show].text} {makes && (show === 'active' || show === 'all') && 'New decision makes one by hand.'}
          </Empty>
        ) : (
          <DataTable label="Decisions" columns={columns} rows={decisions} rowId={({ id }) => id} />
        )}
      </Panel>
      {query.hasNextPage && goesOn(show, query.data?.pages.at(-1)?.items.at(-1), serverNow()) && (
        <div className="mt-4 text-center">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {show === 'ending' ? 'Load more' : 'Load older'}
          </Button>
        </div>
      )}
      <ExtendDialog decision={extending} onClose={() => setExtending(undefined)} />
      <LiftDialog decision={lifting} onClose={() => setLifting(undefined)} />
    </Page>
  );
}

/** Without those whose time ran out while the page was open; they leave the list after a moment. Ending soon: the first to end first. */
function useStanding(decisions: readonly Decision[] | undefined, show: Show): readonly Decision[] {
  const now = useNow();
  const standing = (decisions ?? []).filter((decision) => stays(show, decision, now));
  if (show === 'ending') standing.sort((a, b) => a.until - b.until);
  // The table compares by identity: the same rows must be the same array.
  const [kept, keep] = useState(standing);
  const same = kept.length === standing.length && kept.every((decision, index) => decision === standing[index]);
  useEffect(() => {
    if (!same) keep(standing);
  });
  return same ? kept : standing;
}

const helper = columnsFor<Decision>();

interface Asked {
  lift: (decision: Decision) => void;
  extend: (decision: Decision) => void;
}

function columnsWith(asked: Asked) {
  return helper.columns([
    helper.accessor('action', { header: 'Action', cell: ({ row: { original } }) => <ActionBadge decision={original} /> }),
    helper.accessor((decision) => decision.subject.id, {
      id: 'subject',
      header: 'Whom',
      cell: ({ row: { original } }) => (
        <>
          <span className="block max-w-[40vw] truncate sm:max-w-64" title={original.subject.id}>
            <span className="block text-faint text-xs sm:inline sm:text-[length:inherit]">
              {subjectTypeName(original.subject.type)}
            </span>{' '}
            <span className="font-medium">
              <SubjectLink service={original.service} {...original.subject} />
            </span>
          </span>
          {/* What has a column of its own where there is room. */}
          <span className="mt-1 block max-w-[40vw] space-y-0.5 text-muted text-xs sm:hidden">
            <Where decision={original} />
            <By decision={original} />
            <Reason decision={original} />
          </span>
        </>
      ),
    }),
    helper.accessor((decision) => decision.endpoint ?? '', {
      id: 'endpoint',
      header: 'Where',
      meta: { wide: true },
      cell: ({ row: { original } }) => <Where decision={original} />,
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
      cell: ({ row: { original } }) => <By decision={original} />,
    }),
    helper.accessor('until', {
      header: 'Left',
      meta: { end: true },
      cell: ({ row: { original } }) => (
        <>
          <DecisionState decision={original} />
          {isStanding(original, serverNow()) && (
            <span className="mt-1.5 block sm:hidden">
              <Acts decision={original} asked={asked} />
            </span>
          )}
        </>
      ),
    }),
    helper.display({
      id: 'act',
      header: () => <span className="sr-only">Act</span>,
      meta: { end: true, wide: true },
      cell: ({ row: { original } }) => isStanding(original, serverNow()) && <Acts decision={original} asked={asked} />,
    }),
  ]);
}

function Acts({ decision, asked }: { decision: Decision; asked: Asked }) {
  const may = useMayIn(decision.service, 'decision.make');
  if (decision.mode === 'pending') return <PendingActs decision={decision} />;
  return (
    <span className="inline-flex flex-wrap justify-end gap-1">
      {may && isActive(decision, serverNow()) && (
        <Button size="sm" onClick={() => asked.extend(decision)}>
          Extend
        </Button>
      )}
      <LiftButton decision={decision} ask={asked.lift} />
    </span>
  );
}

const Where = ({ decision: { service, endpoint } }: { decision: Decision }) => (
  <span className="block max-w-56 truncate">
    {service}
    <span className="block truncate font-mono text-faint text-xs">{endpoint ?? 'everywhere'}</span>
  </span>
);

const By = ({ decision }: { decision: Decision }) => (
  <span className="block sm:whitespace-nowrap">
    {originText(decision)} <Ago ts={decision.createdAt} className="text-faint text-xs sm:block" />
  </span>
);

function Reason({ decision }: { decision: Decision }) {
  return (
    <span className="block max-w-80 sm:min-w-40">
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
