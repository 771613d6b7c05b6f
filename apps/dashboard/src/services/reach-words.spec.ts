import type { Reach } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { reachText, troubleTexts } from './reach-words.js';

const reach = (change: Partial<Reach> = {}): Reach => ({
  version: 7,
  instances: 37,
  enforcing: 37,
  p99Ms: 180,
  behind: [],
  behindTotal: 0,
  vanished: [],
  vanishedTotal: 0,
  ...change,
});

describe('how far a decision has come, in words', () => {
  it.each([
    [{}, '37 of 37 instances enforce it, p99 180 ms'],
    [{ enforcing: 36, p99Ms: null }, '36 of 37 instances enforce it'],
    [{ instances: 1, enforcing: 1, p99Ms: 2_400 }, '1 of 1 instance enforces it, p99 2.4 s'],
    [{ instances: 0, enforcing: 0, p99Ms: null }, 'no instance is connected'],
  ])('%j is "%s"', (change, text) => expect(reachText(reach(change))).toBe(text));

  it('names who is behind or gone, a few of them', () => {
    expect(troubleTexts(reach())).toEqual([]);
    expect(troubleTexts(reach({ behind: ['api-7'], behindTotal: 1 }))).toEqual(['1 behind: api-7']);
    const vanished = ['api-1', 'api-2'];
    expect(troubleTexts(reach({ vanished, vanishedTotal: 12 }))).toEqual(['12 vanished: api-1, api-2 and 10 more']);
  });
});
