import { describe, expect, it } from 'vitest';
import { Course } from './course.js';
import { Footprints } from './footprints.js';
import { LAST, Walks, WORDS } from './walks.js';

function begun(): { walks: Walks; footprints: Footprints; slot: number } {
  const walks: Walks = new Walks(100, () => {});
  const footprints = new Footprints(() => walks);
  const slot = walks.add(0, 0);
  walks.words[slot * WORDS + LAST] = 1;
  return { walks, footprints, slot };
}

/** What a walk over so many objects counts. */
function counted(objects: number): number {
  const { footprints, slot } = begun();
  const course = Course.of('GET /o/:id') as Course;
  let count = 0;
  for (let id = 0; id < objects; id += 1) {
    course.read(`/o/${id * 7 + 3}`);
    if (footprints.has(slot, course.hash)) continue;
    count += footprints.weight(slot);
    footprints.add(slot, course.hash);
  }
  return count;
}

describe('footprints', () => {
  it.each([20, 200, 1_000, 10_000])('count %d distinct objects, a tenth more or less', (objects) => {
    expect(Math.abs(counted(objects) - objects)).toBeLessThan(Math.max(3, objects * 0.1));
  });
  it('know again what they met, also in the wide form and after they were stored', () => {
    const { footprints, slot } = begun();
    const hashes = Array.from({ length: 2_000 }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 0);
    for (const hash of hashes) if (!footprints.has(slot, hash)) footprints.add(slot, hash);
    expect(hashes.every((hash) => footprints.has(slot, hash))).toBe(true);
    const stored = footprints.stored(slot);
    footprints.drop(slot);
    expect(hashes.every((hash) => footprints.has(slot, hash))).toBe(false);
    footprints.load(slot, stored ?? '');
    expect(hashes.every((hash) => footprints.has(slot, hash))).toBe(true);
  });
});

describe('walks', () => {
  it('are bounded: invented sources push each other out, not who was seen for days', () => {
    const walks = new Walks(500, () => {});
    const known = walks.add(0, 0);
    walks.words[known * WORDS + LAST] = 1_000;
    walks.floats[known * WORDS + 5] = 20;
    for (let source = 1; source <= 20_000; source += 1) {
      const slot = walks.add(source, 0);
      walks.words[slot * WORDS + LAST] = 1_000 + source;
    }
    expect(walks.count).toBe(500);
    expect(walks.evicted).toBe(19_501);
    expect(walks.find(0, 0)).toBe(known);
  });
  it('are as many as a source may have, and free their room with it', () => {
    const walks = new Walks(500, () => {});
    for (let endpoint = 0; endpoint < 100; endpoint += 1) walks.add(7, endpoint);
    expect(walks.slotsOf(7)).toHaveLength(64);
    walks.forget(7);
    expect(walks.count).toBe(0);
    expect(walks.find(7, 3)).toBe(-1);
  });
});
