import type { Outlook } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { roomLeft, stretchText, surgeOf } from './room-words.js';

const baseline = (endpoint: string, observed: number, limit: number, level = 1): Outlook['baselines'][number] => ({
  endpoint,
  windows: [
    { windowSeconds: 10, observed: 99, level: 1, expected: 1, limit: 1, evidence: { own: 1, population: 1, weight: 0.2 } },
    { windowSeconds: 60, observed, level, expected: 1, limit, evidence: { own: 1, population: 1, weight: 0.2 } },
  ],
  peaks: [],
});

describe('the room that is left', () => {
  it('is told of the endpoint where it is nearest to its limit', () => {
    const room = roomLeft({ baselines: [baseline('GET /a', 3, 90), baseline('GET /b', 20, 24)], allowed: false });
    expect(room).toEqual({ endpoint: 'GET /b', text: '24 requests a minute raise nothing; it made 20 in the last minute.' });
  });
  it('says that there is none', () => {
    const room = roomLeft({ baselines: [baseline('GET /a', 1_204, 24)], allowed: false });
    expect(room?.text).toBe('It is beyond 24 requests a minute that would raise nothing: 1,204 in the last minute.');
  });
  it('is not told of who is allowed everything, or of whom nothing is known', () => {
    expect(roomLeft({ baselines: [baseline('GET /a', 3, 9)], allowed: true })).toBeUndefined();
    expect(roomLeft({ baselines: [], allowed: false })).toBeUndefined();
  });
  it('is wider while everybody surges', () => {
    const of = (level: number) => roomLeft({ baselines: [baseline('GET /a', 3, 90, level)], allowed: false })?.surge;
    expect(of(3.24)).toBe(
      'Everybody there is at 3.2 times the usual now: what was learnt is stretched as much, until it is over.',
    );
    expect(of(1.05)).toBeUndefined();
    expect(surgeOf({ level: 3.24 })?.factor).toBe('3.2×');
  });
  it('is wider by the alert budget', () => {
    expect(stretchText(1.3)).toContain('1.3 times');
    expect(stretchText(1)).toBeUndefined();
  });
});
