/** What happened to an alert and in its campaign, who did what, and what was said about it; comments are added here. */
import { type Alert, type AlertDetail, MOST_IN_CAMPAIGN } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { exact } from '../format.js';
import { alertHistoryQuery, relatedQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { Button } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { Panel } from '../ui/panel.js';
import { FailureLine } from '../ui/states.js';
import { Ago, useNow } from '../ui/time.js';
import { kindNames, subjectText } from '../words.js';
import { campaignSizeQuery } from './campaign-query.js';
import { CommentForm } from './comment-form.js';
import { campaignOf, headOf, type Line, type Source, timelineOf } from './timeline.js';

/** The latest lines; those before them are asked for, and all are printed. */
const SHOWN = 30;

export function AlertHistory({ detail }: { detail: AlertDetail }) {
  const { alert } = detail;
  const history = useQuery(alertHistoryQuery(alert.id));
  const related = useQuery(relatedQuery(alert.id));
  const [all, setAll] = useState(false);
  const now = useNow();
  useZone();
  const lines = timelineOf(detail, history.data?.items ?? [], related.data?.items ?? [], now);
  const left = all ? 0 : Math.max(0, lines.length - SHOWN);
  return (
    <Panel title="History">
      <Campaign alert={alert} listed={campaignOf(alert, related.data?.items ?? [])} />
      {left > 0 && (
        <Button look="ghost" size="sm" className="m-2 print:hidden" onClick={() => setAll(true)}>
          Show {exact(left)} earlier
        </Button>
      )}
      <ol aria-label="History" className="pt-1 text-sm">
        {lines.map((line, index) => (
          <HistoryLine key={line.id} line={line} className={index < left ? 'hidden print:flex' : 'flex'} />
        ))}
        {history.isPending && <li className="px-4 py-2 text-faint text-xs">Loading…</li>}
      </ol>
      <FailureLine what="What people did is not known now" query={history} />
      <CommentForm alertId={alert.id} />
    </Panel>
  );
}

/** Round: the alert itself, filled where it was a person. A square is an order to machines, a diamond another alert of the campaign. */
const marks: Record<Source, string> = {
  alert: 'rounded-full border-2 border-faint',
  person: 'rounded-full bg-accent',
  decision: 'bg-critical',
  campaign: 'rotate-45 bg-medium',
};

function HistoryLine({ line: { at, source, text, note, alerts }, className }: { line: Line; className: string }) {
  return (
    <li className={cn('gap-3 px-4 py-1.5', className)}>
      <span aria-hidden className="flex h-5 w-2 shrink-0 items-center">
        <span className={cn('size-2 [print-color-adjust:exact]', marks[source])} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 break-words">
            {text}
            {alerts && <Others alerts={alerts} />}
          </span>
          <Ago ts={at} className="shrink-0 text-faint text-xs" />
        </p>
        {note && <p className="mt-0.5 whitespace-pre-wrap break-words text-muted">{note}</p>}
      </div>
    </li>
  );
}

/** Named one by one; the others are counted, since the list of the campaign has them all. */
const NAMED = 5;

function Others({ alerts }: { alerts: readonly Alert[] }) {
  return (
    <>
      {': '}
      {alerts.slice(0, NAMED).map((other, index) => (
        <span key={other.id}>
          {index > 0 && ', '}
          <AlertLink alert={other} />
        </span>
      ))}
      {alerts.length > NAMED && ` and ${exact(alerts.length - NAMED)} more`}
    </>
  );
}

/** Within a sentence a link is not told by its colour alone. */
const linkClass = 'break-all text-accent underline decoration-line-strong underline-offset-2 hover:decoration-current';

const AlertLink = ({ alert: { id, kind, subject } }: { alert: Alert }) => (
  <Link to="/alerts/$id" params={{ id }} title={kindNames[kind]} className={linkClass}>
    {subjectText(subject)}
  </Link>
);

/** Which campaign the alert is of, how many alerts it has, and the way to them. */
function Campaign({ alert, listed }: { alert: Alert; listed: readonly Alert[] }) {
  const head = headOf(alert);
  const { data: size = 0 } = useQuery({ ...campaignSizeQuery(head ?? ''), enabled: head !== undefined });
  if (head === undefined || (head === alert.id && size === 0)) return null;
  const lead = listed.find(({ id }) => id === head);
  const others = `${exact(size)} ${size === 1 ? 'alert' : 'alerts'}${size < MOST_IN_CAMPAIGN ? '' : ' or more'}`;
  const members = listed.filter(({ id }) => id !== head).length + (head === alert.id ? 0 : 1);
  return (
    <p className="border-b px-4 py-2.5 text-sm">
      {head === alert.id ? (
        <>Leads a campaign of {others}.</>
      ) : (
        <>
          Part of a campaign{size > 0 && ` of ${others}`}, led by{' '}
          {lead ? (
            <AlertLink alert={lead} />
          ) : (
            <Link to="/alerts/$id" params={{ id: head }} className={linkClass}>
              another alert
            </Link>
          )}
          .
        </>
      )}{' '}
      {size > members && 'The history has the latest of them. '}
      <Link to="/alerts" search={{ campaign: head, state: 'all' }} className="font-medium text-accent hover:underline">
        All alerts of the campaign
      </Link>
    </p>
  );
}
