/** Who did what to an alert and when, and what was said about it; comments are added here. */
import type { Alert, AlertEvent } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { alertHistoryQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { Panel } from '../ui/panel.js';
import { Ago } from '../ui/time.js';
import { CommentForm } from './comment-form.js';
import { eventText } from './history-words.js';

export function AlertHistory({ alert }: { alert: Alert }) {
  const { data, isPending } = useQuery(alertHistoryQuery(alert.id));
  const events = data?.items ?? [];
  return (
    <Panel title="History">
      <ol aria-label="History" className="text-sm">
        <Line at={alert.firstAt} text="The alert opened" />
        {events.map((event) => (
          <EventLine key={event.id} event={event} />
        ))}
        {isPending && <li className="px-4 py-2 text-faint text-xs">Loading…</li>}
      </ol>
      <CommentForm alertId={alert.id} />
    </Panel>
  );
}

function Line({ at, text, children }: { at: number; text: string; children?: React.ReactNode }) {
  return (
    <li className="border-b px-4 py-2">
      <p className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 break-words">{text}</span>
        <Ago ts={at} className="shrink-0 text-faint text-xs" />
      </p>
      {children}
    </li>
  );
}

function EventLine({ event }: { event: AlertEvent }) {
  useZone();
  return (
    <Line at={event.at} text={eventText(event)}>
      {event.note && <p className="mt-0.5 whitespace-pre-wrap break-words text-muted">{event.note}</p>}
    </Line>
  );
}
