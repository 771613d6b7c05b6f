import { describe, expect, it } from 'vitest';
import { BEHIND_MS, MAX_NAMED, reachOf, VANISHED_MS } from './reach.js';
import type { Instance } from './receipt.js';

const T = 1_790_000_000_000;
const instance = (name: string, applied: [number, number][], change: Partial<Instance> = {}): Instance => ({
  id: name,
  name,
  sdk: '0.1.0',
  via: 'stream',
  version: applied[0]?.[0] ?? 0,
  since: T - 60_000,
  seenAt: applied[0]?.[1] ?? T,
  applied,
  ...change,
});
const at = (version: number, ms: number): [number, number] => [version, T + ms];

describe('how far a version has come', () => {
  it('counts who enforces it and how soon, by the first receipt that covers it', () => {
    const all = [
      instance('api-1', [at(9, 900), at(7, 100), at(6, -50)]),
      instance('api-2', [at(7, 180), at(6, -50)]),
      instance('api-7', [at(6, -50)]),
    ];
    expect(reachOf(7, T, all, T + 1_000)).toEqual({
      version: 7,
      instances: 3,
      enforcing: 2,
      p99Ms: 180,
      behind: [],
      behindTotal: 0,
      vanished: [],
      vanishedTotal: 0,
    });
  });

  it('names who is behind after a moment of grace, and who has vanished', () => {
    const all = [instance('api-7', [at(6, 0)]), instance('api-8', [at(6, -VANISHED_MS)])];
    expect(reachOf(7, T, all, T + BEHIND_MS - 1)).toMatchObject({ behindTotal: 0, vanished: ['api-8'], instances: 1 });
    expect(reachOf(7, T, all, T + BEHIND_MS)).toMatchObject({ behind: ['api-7'], behindTotal: 1, vanishedTotal: 1 });
  });

  it('does not excuse who is behind by each new decision', () => {
    const all = [instance('api-1', [at(7, 100), at(6, 0)]), instance('api-7', [at(6, 0)])];
    expect(reachOf(8, T + 6_000, all, T + 6_100)).toMatchObject({ behind: ['api-7'], behindTotal: 1 });
    expect(reachOf(6, T - 100, all, T + 6_100)).toMatchObject({ behindTotal: 0, enforcing: 2 });
  });

  it('does not take the first snapshot of who came up later for a late decision', () => {
    const all = [instance('api-1', [at(7, 60_000)], { since: T + 60_000 }), instance('api-2', [at(7, 70), at(6, -1)])];
    expect(reachOf(7, T, all, T + 61_000)).toMatchObject({ enforcing: 2, p99Ms: 70 });
  });

  it('knows no time where none was kept, and names a few only', () => {
    const all = Array.from({ length: 40 }, (_, index) => instance(`api-${index}`, [at(1, 0)]));
    const reach = reachOf(2, T, all, T + 60_000);
    expect([reach.p99Ms, reach.behind.length, reach.behindTotal]).toEqual([null, MAX_NAMED, 40]);
    expect(reachOf(1, 0, all, T + 60_000)).toMatchObject({ p99Ms: null, enforcing: 40 });
  });
});
