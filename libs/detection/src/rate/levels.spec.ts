/** The level of an endpoint, added up over shards. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PulseContribution, Stir } from '../contribution.js';
import { Level, surge } from './level.js';
import { Levels } from './levels.js';

const MINUTE = 1;
/** Begins a minute. */
const SECOND = 1_767_600_000;
const three = surge(30, 10);

const told = (pulse: number, ...stirs: Stir[]): PulseContribution => ({
  entity: 'pulse',
  service: 'shop',
  id: 'shop',
  second: SECOND + 10 * pulse,
  newest: 0,
  logId: '',
  endpoints: [{ endpoint: 'GET /a', groups: [], stirs }],
  samples: [],
  historical: false,
});
function levelAfter(contributions: readonly PulseContribution[], later: number, own = 0): number {
  const levels = new Levels(10);
  for (const contribution of contributions) levels.absorb(contribution);
  const level = new Level(MINUTE);
  for (const surge of levels.take())
    for (const { windowSeconds, rows } of surge.levels) if (windowSeconds === 60) level.take(rows);
  return level.above(SECOND + later, own);
}
const everybody = told(0, [MINUTE, 20, 20 * three, three]);

describe('the level', () => {
  it('is that of a pulse which ended ten seconds before', () => {
    expect(levelAfter([everybody], 18)).toBe(1);
    expect(levelAfter([everybody], 19)).toBeCloseTo(3 ** (20 / 25), 4);
  });

  it('leaves out the actor that is judged, whatever it did since, and alone it moves nothing', () => {
    const alone = [told(0, [MINUTE, 1, three, three])];
    expect(levelAfter(alone, 19, three)).toBe(1);
    expect(levelAfter(alone, 19, 5 * three)).toBe(1);
    expect(levelAfter(alone, 70, 0)).toBe(1);
  });

  it('is held when the bucket is over, and fades', () => {
    const after = [65, 125, 185].map((later) => levelAfter([everybody], later));
    expect(after[0]).toBeGreaterThan(2);
    expect(after).toEqual([...after].sort((a, b) => b - a));
    expect(new Set(after).size).toBe(3);
  });

  it('is the same to the last digit however shards and order divide what is told', () => {
    const stir = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 9 * three }));
    fc.assert(
      fc.property(fc.array(stir, { minLength: 1, maxLength: 30 }), fc.integer({ min: 0, max: 300 }), (stirs, later) => {
        const all = stirs.map(([pulse, actors, sum]) => told(pulse, [MINUTE, actors, sum, Math.min(sum, three)]));
        expect(levelAfter([...all].reverse(), later)).toBe(levelAfter(all, later));
      }),
    );
  });

  it('counts what comes late for the present bucket, and begins anew when a clock was put right', () => {
    const late = [
      told(2, [MINUTE, 0, 0, 0]),
      ...Array.from({ length: 12 }, (_, n) => told(30 + n, [MINUTE, 1, 0, 0])),
      everybody,
    ];
    expect(levelAfter(late, 430)).toBe(1);
    const back = [told(100_000, [MINUTE, 20, 20 * three, three]), everybody];
    expect(levelAfter(back, 19)).toBeCloseTo(3 ** (20 / 25), 4);
  });

  it('is told again to whoever takes the shard over', () => {
    const before = new Levels(10);
    before.absorb(everybody);
    const stored: [string, unknown][] = [];
    before.takeChanges((key, state) => stored.push([key, structuredClone(state)]));
    const next = new Levels(10);
    for (const [key, state] of stored) expect(next.load(key, state as object)).toBe(true);
    expect(next.take()).toEqual(before.take());
    expect(next.take()).toEqual([]);
  });

  it('is known to who judges logs of a minute ago, late ones or after a restart', () => {
    const later = Array.from({ length: 12 }, (_, n) => told(30 + n, [MINUTE, 20, 20 * three, three]));
    expect(levelAfter(later, 200)).toBeGreaterThan(2);
    const level = new Level(MINUTE);
    level.take([{ second: SECOND + 309, actors: 20, sum: 20 * three, most: three, held: 0 }]);
    const restored = new Level(MINUTE);
    restored.take(level.newest);
    expect(restored.above(SECOND + 300, 0)).toBe(level.above(SECOND + 319, 0));
  });

  it('takes no nonsense, and no more endpoints than its cap', () => {
    const levels = new Levels(1);
    levels.absorb(told(0, [7, 1, 1, 1], [MINUTE, Number.NaN, 1, 1], [MINUTE, 1.5, 1, 1]));
    expect(levels.take()).toEqual([]);
    expect(levels.load('["shop","GET /a"]', { courses: [{}] })).toBe(false);
    levels.absorb({ ...everybody, service: 'other' });
    expect([levels.take(), levels.overflowed]).toEqual([[], 1]);
  });
});
