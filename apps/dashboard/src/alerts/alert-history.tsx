/** Who did what to an alert and when, and what was said about it; comments are added here. */
import type { Alert, AlertEvent } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { callOperation } from '../api.js';
import { useKeys } from '../keys.js';
import { alertHistoryQuery, assigneesQuery } from '../queries.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { Textarea } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { Ago } from '../ui/time.js';
import { eventText, mentionedIn } from './history-words.js';

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
  return (
    <Line at={event.at} text={eventText(event)}>
      {event.note && <p className="mt-0.5 whitespace-pre-wrap break-words text-muted">{event.note}</p>}
    </Line>
  );
}

/** `@Name` mentions a member. */
function CommentForm({ alertId }: { alertId: string }) {
  const client = useQueryClient();
  const people = useQuery(assigneesQuery).data?.items ?? [];
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useKeys({ c: () => field.current?.focus() });
  const say = useMutation({
    mutationFn: (said: string) =>
      callOperation('comment', { params: { id: alertId }, body: { text: said, mentions: mentionedIn(said, people) } }),
    onSuccess: () => {
      setText('');
      return client.invalidateQueries({ queryKey: alertHistoryQuery(alertId).queryKey });
    },
    onError: (error) => toast.error('The comment was not kept', { description: error.message }),
  });
  return (
    <form
      className="flex items-end gap-2 px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) say.mutate(text.trim());
      }}
    >
      <Textarea
        ref={field}
        aria-label="Comment"
        placeholder="Comment, @name to mention"
        maxLength={2_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" busy={say.isPending} disabled={!text.trim()}>
        Comment
      </Button>
    </form>
  );
}
