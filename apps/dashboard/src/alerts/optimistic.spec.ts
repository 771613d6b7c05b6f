import { describe, expect, it } from 'vitest';
import { alertOf } from '../samples.fixture.js';
import { doneText, foresee, leftText, undoable } from './optimistic.js';

describe('what an act will look like', () => {
  it('acknowledging says who and when, once, and until when', () => {
    const first = foresee(alertOf({ note: 'old' }), { type: 'acknowledge', until: 90 }, 'Ada', 5);
    expect(first).toMatchObject({ state: 'acknowledged', acknowledgedAt: 5, acknowledgedBy: 'Ada', until: 90, note: 'old' });
    const again = foresee(first, { type: 'acknowledge', note: 'mine' }, 'Bob', 9);
    expect(again).toMatchObject({ acknowledgedAt: 5, acknowledgedBy: 'Ada', until: null, note: 'mine' });
  });
  it('snoozing takes it out of the queue, opening puts it back', () => {
    const asleep = foresee(alertOf(), { type: 'snooze', differs: true }, 'Ada', 5);
    expect(asleep).toMatchObject({ state: 'snoozed', until: null, snooze: { by: 'Ada', at: 5 } });
    expect(foresee(asleep, { type: 'reopen' }, 'Ada', 6)).toMatchObject({ state: 'open', snooze: null });
  });
  it('assigning changes nothing but whose it is', () => {
    const alert = alertOf();
    const assignee = { id: 'p', name: 'Bob' };
    expect(foresee(alert, { type: 'assign', assignee }, 'Ada', 5)).toEqual({ ...alert, assignee });
  });
  it('what is resolved stays as it is', () => {
    const done = foresee(alertOf(), { type: 'resolve', verdict: 'false-positive' }, 'Ada', 5);
    expect(done).toMatchObject({ state: 'resolved', verdict: 'false-positive', resolvedBy: 'Ada' });
    expect(foresee(done, { type: 'reopen' }, 'Ada', 6)).toBe(done);
  });
  it('says it in words, and what can be taken back', () => {
    expect([doneText({ type: 'snooze', differs: true }, 1), doneText({ type: 'reopen' }, 3)]).toEqual([
      '1 alert snoozed',
      '3 alerts opened again',
    ]);
    expect([undoable({ type: 'undo' }), undoable({ type: 'resolve', verdict: 'true-positive' })]).toEqual([false, true]);
  });
  it('names what may not be done, and counts what others had changed', () => {
    const alerts = ['a', 'b', 'c', 'd', 'e'].map((id) => alertOf({ id, subject: { type: 'actor', id: `user-${id}` } }));
    const denied = (...ids: string[]) => ids.map((id) => ({ type: 'denied', id }) as const);
    expect(leftText([], alerts, 'snooze')).toBeUndefined();
    expect(leftText([...denied('b'), { type: 'missing', id: 'a' }], alerts, 'resolve')).toBe(
      'You may not do this to User user-b. 1 alert had been changed or resolved by somebody else, and stay as they are.',
    );
    expect(leftText(denied('a', 'b', 'c', 'd', 'e'), alerts, 'resolve')).toBe(
      'You may not do this to User user-a, User user-b, User user-c and 2 more.',
    );
    expect(leftText([{ type: 'conflict', id: 'a', alert: alerts[0]! }], alerts, 'undo')).toMatch(
      /^1 alert .* resolved too long ago/,
    );
  });
});
