import type { AlertEvent } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { eventText, mentionedIn } from './history-words.js';

const event = (part: Partial<AlertEvent>): AlertEvent => ({
  ...{ id: 1, at: 1, type: 'comment', by: 'Ada', note: null, until: null, differs: false, verdict: null },
  ...{ assignee: null, undone: null, reason: null, severity: null, mentions: [] },
  ...part,
});

describe('history in words', () => {
  it.each<[Partial<AlertEvent>, string]>([
    [{ type: 'acknowledge' }, 'Ada acknowledged it'],
    [{ type: 'resolve', verdict: 'false-positive' }, 'Ada resolved it: false positive'],
    [{ type: 'assign', assignee: 'Bob' }, 'Ada assigned it to Bob'],
    [{ type: 'assign' }, 'Ada assigned it to nobody'],
    [{ type: 'snooze', differs: true }, 'Ada snoozed it until it differs'],
    [{ type: 'undo', undone: 'snooze' }, 'Ada took back the snooze'],
    [{ mentions: ['Bob'] }, 'Ada said to Bob'],
    [{ type: 'expire', by: null }, 'The acknowledgement ran out: open again'],
    [{ type: 'wake', by: null, reason: 'severity', severity: 'high' }, 'Woke up: it is graver than before (high)'],
  ])('%o', (part, text) => expect(eventText(event(part))).toBe(text));

  it('finds whom a comment mentions, by whole names', () => {
    const people = [
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'Ann Lee' },
      { id: 'c', name: 'Bo' },
    ];
    expect(mentionedIn('see @ann lee and @Bo', people)).toEqual(['b', 'c']);
    expect(mentionedIn('@Ann, look; mail bo@example.com', people)).toEqual(['a']);
  });
});
