import type { HarmPreview } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { decisionText, limitOf, limitText, networkText, questionOf, usersText } from './harm-words.js';
import { emptyDraft } from './order.js';

const draft = { ...emptyDraft('shop'), subject: { type: 'actor', id: ' ada ' } as const };
const preview = (part: Partial<HarmPreview> = {}): HarmPreview => ({
  from: 0,
  to: 1,
  subjects: [],
  total: 0,
  verdicts: {},
  users: null,
  refused: 0,
  requests: 100,
  missing: 0,
  ...part,
});

describe('what is asked', () => {
  it('is the very decision of the draft', () => {
    const rate = { requests: 10, windowSeconds: 60 };
    const subject = { type: 'actor', id: 'ada' };
    expect(questionOf('throttle', draft)).toEqual({ type: 'decision', action: 'throttle', subject, endpoint: null, rate });
    expect(questionOf('block', { ...draft, endpoint: 'GET /x', requests: '' })).toEqual({
      ...{ type: 'decision', action: 'block', subject, endpoint: 'GET /x' },
    });
  });
  it('and of a throttle whom its limit would hit', () => {
    expect(limitOf(draft)).toMatchObject({ type: 'limit', kind: 'rate', per: 'actor', atMost: 10, windowSeconds: 60 });
  });
  it('is nothing while there is no rate, or nobody', () => {
    for (const requests of ['', '0', '-1', 'many']) {
      expect([questionOf('throttle', { ...draft, requests }), limitOf({ ...draft, requests })]).toEqual([undefined, undefined]);
    }
    expect(questionOf('block', emptyDraft('shop'))).toBeUndefined();
  });
});

describe('what is said', () => {
  const hit = { refused: 312, requests: 1_204, firstAt: 0, lastAt: 1, verdict: 'open', kinds: [] } as const;
  it('of a decision: how much of it would have been refused', () => {
    expect(decisionText(preview())).toBe('In the last 14 days it would have refused nothing.');
    const one = preview({ subjects: [{ ...hit, kinds: [], subject: { type: 'actor', id: 'ada' } }], total: 1, refused: 312 });
    expect(decisionText(one)).toBe('In the last 14 days it would have refused 312 of 1,204 requests.');
  });
  it('of an address: who came by it, and how much of a network is held', () => {
    const text = (total: number, verdicts: HarmPreview['verdicts']) => usersText({ subjects: [], total, verdicts });
    expect(text(3, { 'true-positive': 1, none: 2 })).toBe('3 users came by it: 1 confirmed, 2 others.');
    expect(text(1, { open: 1 })).toBe('1 user came by it: 1 other.');
    expect(text(0, {})).toBe('No user that your API vouched for came by it.');
    const network = preview({ subjects: [{ ...hit, kinds: [], subject: { type: 'address', id: '2001:db8::/64' } }], total: 1 });
    expect(networkText(network, '2001:db8::5')).toBe('It holds all of 2001:db8::/64.');
    expect([networkText(network, ' 2001:db8::/64'), networkText(preview(), '192.0.2.1')]).toEqual([undefined, undefined]);
  });
  it('of a limit: whom it would have hit, and who of them was confirmed', () => {
    const text = (total: number, verdicts: HarmPreview['verdicts']) => limitText(preview({ total, verdicts }), 'actor');
    expect(text(9, { 'true-positive': 7, open: 2 })).toBe(
      'In the last 14 days this limit would have hit 9 users: 7 confirmed, 2 others.',
    );
    expect(text(1, { none: 1 })).toBe('In the last 14 days this limit would have hit 1 user: 1 other.');
    expect(text(2, { 'true-positive': 2 })).toBe('In the last 14 days this limit would have hit 2 users: 2 confirmed.');
    expect(text(0, {})).toBe('In the last 14 days this limit would have hit nobody.');
  });
});
