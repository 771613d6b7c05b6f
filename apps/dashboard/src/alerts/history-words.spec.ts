import type { AlertEvent } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { eventText, mentionedIn, nameBegun, offeredFor, withName } from './history-words.js';

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

describe('a name that is being typed', () => {
  const people = ['Ada', 'Ann', 'Ann Lee', 'Anna', 'Bo'].map((name) => ({ id: name, name }));
  const names = (begun: string) => offeredFor(begun, people).map(({ name }) => name);
  it.each([
    ['@an', 3, { from: 0, to: 3, name: 'an' }],
    ['look, @Ann L', 12, { from: 6, to: 12, name: 'Ann L' }],
    ['look, @Ann L', 7, { from: 6, to: 7, name: '' }],
    ['bo@example.com', 6, undefined],
    ['@an\nthe next line', 8, undefined],
    ['nobody', 3, undefined],
    ['', 0, undefined],
    ['@', 0, undefined],
  ])('in %j at %d', (text, caret, begun) => expect(nameBegun(text, caret)).toEqual(begun));
  it('offers whose name, or a word of it, begins so, until it stands there', () => {
    expect(names('')).toEqual(['Ada', 'Ann', 'Ann Lee', 'Anna', 'Bo']);
    expect(names('an')).toEqual(['Ann', 'Ann Lee', 'Anna']);
    expect(names('ann')).toEqual(['Ann Lee', 'Anna']);
    expect(names('LE')).toEqual(['Ann Lee']);
    expect(names('bo')).toEqual([]);
    expect(names('Bo, look at')).toEqual([]);
    expect(names('x')).toEqual([]);
  });
  it('is put in whole, and what stood behind it stays', () => {
    const begun = { from: 4, to: 7, name: 'an' };
    expect(withName('see @an there', begun, 'Ann Lee')).toEqual({ text: 'see @Ann Lee there', caret: 13 });
    expect(withName('see @an', begun, 'Ann Lee')).toEqual({ text: 'see @Ann Lee ', caret: 13 });
  });
});
