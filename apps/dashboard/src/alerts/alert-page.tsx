/** One alert: what happened, why it is an alert, and what to do about it. */
import type { Alert, AlertDetail } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, History, ScanSearch } from 'lucide-react';
import { useEffect } from 'react';
import { around, partyOf } from '../investigate/search.js';
import { useKeys } from '../keys.js';
import { alertQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { Badge, StateBadge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { usePrinting } from '../ui/printing.js';
import { Failure, Skeleton } from '../ui/states.js';
import { useTitle } from '../ui/title.js';
import { kindNames, subjectText, subjectTypeName, verdictNames } from '../words.js';
import { AlertButtons } from './alert-buttons.js';
import { AlertDecisions } from './alert-decisions.js';
import { AlertFacts, Signals } from './alert-facts.js';
import { AlertHistory } from './alert-history.js';
import { AlertParties } from './alert-parties.js';
import { AlertRequests } from './alert-requests.js';
import { ChartPanel } from './chart-panel.js';
import { alertJson, download, requestsCsv } from './export.js';
import { RelatedAlerts } from './related-alerts.js';
import { SeverityPopover } from './severity-popover.js';
import { excessText, worstText } from './severity-words.js';
import { untilText } from './snooze-choices.js';
import { isUnseen, useSeen } from './use-seen.js';

const route = getRouteApi('/signed-in/alerts/$id');

export function AlertPage() {
  const { id } = route.useParams();
  const navigate = route.useNavigate();
  const query = useQuery(alertQuery(id));
  const about = query.data?.alert;
  useTitle(about ? `${kindNames[about.kind]}: ${subjectText(about.subject)}` : 'Alert');
  useKeys({ u: () => void navigate({ to: '/alerts' }) });
  return (
    <div className="mx-auto w-full max-w-7xl min-[120rem]:max-w-[104rem] px-4 pt-4 pb-10 sm:px-6">
      <Link to="/alerts" className="inline-flex items-center gap-1.5 rounded-sm text-muted text-xs hover:text-ink print:hidden">
        <ArrowLeft aria-hidden className="size-3.5" /> Back to the list
      </Link>
      {query.data ? (
        <Loaded detail={query.data} />
      ) : (
        <>
          <h1 className="sr-only">Alert</h1>
          {query.isError ? (
            <Failure error={query.error} retry={() => void query.refetch()} className="py-24" />
          ) : (
            <AlertSkeleton />
          )}
        </>
      )}
    </div>
  );
}

function Loaded({ detail }: { detail: AlertDetail }) {
  useZone();
  const { alert, requests, decisions } = detail;
  useSeenAlert(alert);
  // On paper nothing can be opened.
  const printing = usePrinting();
  return (
    <>
      <div className="mt-3 flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-80">
          <div className="mb-1.5 flex flex-wrap items-center gap-2.5">
            <SeverityPopover alert={alert} steps={detail.severitySteps} />
            <span className="text-muted text-xs">{kindNames[alert.kind]}</span>
            <StateBadge state={alert.state} />
            {alert.until !== null && <span className="text-faint text-xs">{untilText(alert.until)}</span>}
            {alert.assignee && <Badge>{alert.assignee.name}</Badge>}
            {alert.verdict && <Badge>{verdictNames[alert.verdict]}</Badge>}
            {alert.provedAt !== null && <Badge className="bg-good/12 text-good">user proved itself</Badge>}
          </div>
          <h1 title={alert.subject.id} className="line-clamp-3 break-words font-semibold text-xl tracking-tight">
            <span className="font-normal text-faint">{subjectTypeName(alert.subject.type)}</span> {alert.subject.id}
          </h1>
        </div>
        <AlertButtons alert={alert} decisions={decisions} />
      </div>
      <Ways detail={detail} />
      <p className="mt-2 max-w-4xl break-words text-muted leading-relaxed">{alert.explanation}</p>
      {printing && (
        <p className="mt-1 text-muted text-xs">
          {excessText(alert)} {worstText(alert, detail.severitySteps)}
        </p>
      )}
      {alert.historical && (
        <p className="mt-3 inline-flex items-center gap-2 rounded-md bg-sunken px-3 py-1.5 text-muted text-xs">
          <History aria-hidden className="size-3.5" /> From late or historical logs: nothing was enforced because of it.
        </p>
      )}
      <div className="mt-4 grid gap-4 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="min-w-0 space-y-4">
          <ChartPanel detail={detail} />
          <AlertRequests alert={alert} requests={requests} />
          <AlertHistory detail={detail} />
        </div>
        <div className="min-w-0 space-y-4">
          <AlertDecisions subject={alert.subject} decisions={decisions} />
          <RelatedAlerts alert={alert} />
          <AlertParties detail={detail} />
          <AlertFacts alert={alert} />
          <Signals signals={alert.signals} />
        </div>
      </div>
    </>
  );
}

/** Where it leads on, and how it is taken along. */
function Ways({ detail }: { detail: AlertDetail }) {
  const { alert, requests } = detail;
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-1 gap-y-1 print:hidden">
      <Link
        to="/investigate"
        search={{
          service: alert.service,
          ...partyOf(alert.subject.type, alert.subject.id),
          ...(alert.endpoint !== null && { endpoint: alert.endpoint }),
          ...around(alert.firstAt, alert.lastAt),
        }}
        className="mr-2 inline-flex items-center gap-1.5 rounded-sm font-medium text-accent text-sm hover:underline"
      >
        <ScanSearch aria-hidden className="size-4" /> Requests around it
      </Link>
      <Button look="ghost" size="sm" onClick={() => download(`${alert.id}.json`, 'application/json', alertJson(detail))}>
        Export JSON
      </Button>
      <Button look="ghost" size="sm" onClick={() => download(`${alert.id}.csv`, 'text/csv', requestsCsv(requests))}>
        Export requests as CSV
      </Button>
      <Button look="ghost" size="sm" onClick={() => window.print()}>
        Print
      </Button>
    </div>
  );
}

/** Who opens the page has seen the alert. */
function useSeenAlert(alert: Alert): void {
  const { seen, mark } = useSeen();
  const unseen = isUnseen(alert, seen);
  useEffect(() => {
    if (unseen) mark({ alerts: [alert.id] });
  }, [unseen, alert.id, mark]);
}

function AlertSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="mt-4 space-y-4">
      <Skeleton className="h-7 w-72" />
      <Skeleton className="h-4 w-full max-w-2xl" />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <Skeleton className="h-80 rounded-lg" />
        <Skeleton className="h-80 rounded-lg" />
      </div>
    </div>
  );
}
