/** Says something about an alert. `@Name` mentions a member; who is meant is offered while the name is typed. */
import type { NamedPerson } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { callOperation } from '../api.js';
import { useCommands } from '../commands.js';
import { useKeys } from '../keys.js';
import { alertHistoryQuery, assigneesQuery } from '../queries.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { Textarea } from '../ui/field.js';
import { mentionedIn, nameBegun, offeredFor, withName } from './history-words.js';

export function CommentForm({ alertId }: { alertId: string }) {
  const client = useQueryClient();
  const people = useQuery(assigneesQuery).data?.items ?? [];
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const go = () => field.current?.focus();
  useKeys({ c: go });
  // The palette keeps the focus until it is gone.
  useCommands('comment', [{ name: 'Comment on this alert', key: 'c', run: () => void requestAnimationFrame(go) }]);
  const say = useMutation({
    mutationFn: (said: string) =>
      callOperation('comment', { params: { id: alertId }, body: { text: said, mentions: mentionedIn(said, people) } }),
    onSuccess: () => {
      setText('');
      return client.invalidateQueries({ queryKey: alertHistoryQuery(alertId).queryKey });
    },
    onError: (error) => toast.error('The comment was not kept', { description: error.message }),
  });
  const begun = nameBegun(text, caret);
  const mention = ({ name }: NamedPerson) => {
    if (!begun) return;
    const next = withName(text, begun, name);
    // The field holds the name before the next key is typed, and its caret stands behind it: set a frame later, it would jump back.
    flushSync(() => {
      setText(next.text);
      setCaret(next.caret);
    });
    field.current?.focus();
    field.current?.setSelectionRange(next.caret, next.caret);
  };
  return (
    <form
      className="px-4 py-3 print:hidden"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) say.mutate(text.trim());
      }}
    >
      <div className="flex items-end gap-2">
        <Textarea
          ref={field}
          aria-label="Comment"
          placeholder="Comment, @name to mention"
          maxLength={2_000}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setCaret(event.target.selectionStart);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        />
        <Button type="submit" busy={say.isPending} disabled={!text.trim()}>
          Comment
        </Button>
      </div>
      <Offered people={begun ? offeredFor(begun.name, people) : []} onMention={mention} />
    </form>
  );
}

function Offered({ people, onMention }: { people: readonly NamedPerson[]; onMention: (person: NamedPerson) => void }) {
  return (
    <div role="status">
      {people.length > 0 && (
        <ul aria-label="Mention" className="mt-2 flex flex-wrap gap-1.5">
          {people.map((person) => (
            <li key={person.id}>
              <Button size="sm" onClick={() => onMention(person)}>
                <span className="sr-only">Mention </span>@{person.name}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
