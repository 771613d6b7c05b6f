/** What a shard believes of its own actors at once. */
import { describe, expect, it } from 'vitest';
import { RUSH_LEAST } from '../constants.js';
import { surge } from './level.js';
import { Rush } from './rush.js';

const SECOND = 1_767_600_000;
const USUAL = 3;

/** So many actors each make so many requests in the present ten seconds. */
function rushOf(actors: number, requests: number): Rush {
  const rush = new Rush(10);
  for (let count = 1; count <= requests; count += 1)
    for (let actor = 0; actor < actors; actor += 1) rush.note(SECOND, count, USUAL);
  return rush;
}

describe('a rush', () => {
  it('is seen at once, and without the actor that is judged', () => {
    expect(rushOf(20, 30).above(SECOND, surge(30, USUAL))).toBeCloseTo(10 ** (19 / 25), 4);
  });

  it('is nothing that one does alone, nor what a few do together by chance', () => {
    expect(rushOf(1, 300).above(SECOND, surge(300, USUAL))).toBe(1);
    const few = rushOf(4, 9);
    expect(3 ** (4 / 9)).toBeLessThan(RUSH_LEAST);
    expect(few.above(SECOND, 0)).toBe(1);
  });

  it('is held when its ten seconds are over, and fades', () => {
    const rush = rushOf(20, 30);
    const after = [10, 20, 30].map((later) => rush.above(SECOND + later, 0));
    expect(after[0]).toBeGreaterThan(4);
    expect(after).toEqual([...after].sort((a, b) => b - a));
    expect(rush.above(SECOND + 300, 0)).toBe(1);
  });

  it('goes on after a restart, and begins anew when a clock was put right', () => {
    const rush = rushOf(20, 30);
    const restored = new Rush(10);
    restored.load(rush.state());
    expect(restored.above(SECOND + 10, 0)).toBe(rush.above(SECOND + 10, 0));
    restored.note(SECOND - 86_400, 1, USUAL);
    expect(restored.above(SECOND - 86_400, 0)).toBe(1);
  });
});
