/** The slow reference: what regular habit makes of it, how slowly it follows a climb, and what records of version 1 bring. */
import { describe, expect, it } from 'vitest';
import { BLOCKS, Pairs, sumsAt } from './pairs.js';
import { Reference } from './reference.js';
import { loadPair } from './stored-pair.js';
import { Windows } from './windows.js';

const HOUR = 3600;
const START = 1_767_000_000;
const everyone = { mean: 6, dispersion: 1, blocks: 500 };

function begin() {
  const pairs = new Pairs();
  const windows = new Windows(pairs);
  const reference = new Reference(pairs, windows);
  const slot = pairs.add(1, 1);
  const close = (hour: number, peak: number, known = 1) => {
    const second = START + hour * HOUR;
    windows.learn(slot, 2, peak, second, 1);
    windows.learnLog(slot, peak, 1);
    reference.close(slot, { second, everyone, flagged: 0, opening: () => 1500, acquaintance: () => known, newcomer: 1500 });
  };
  return { pairs, reference, slot, close };
}

describe('the slow reference', () => {
  it.each([60, 600, 1200])('after a day of %i an hour allows about twice of it', (perHour) => {
    const { reference, slot, close } = begin();
    for (let hour = 1; hour <= 24; hour += 1) close(hour, perHour);
    expect(reference.ceiling(slot) / perHour).toBeGreaterThanOrEqual(1.75);
    expect(reference.ceiling(slot) / perHour).toBeLessThanOrEqual(2.5);
  });
  it.each([60, 600, 3600])(
    'follows a climb from %i along its own limit for a week to less than three times the start',
    (perHour) => {
      const { reference, slot, close } = begin();
      for (let hour = 1; hour <= 24; hour += 1) close(hour, perHour);
      for (let hour = 25; hour <= 24 * 8; hour += 1) close(hour, reference.ceiling(slot));
      expect(reference.ceiling(slot) / perHour).toBeLessThan(2.8);
    },
  );
  it('of somebody unknown and young follows no faster beyond what any newcomer may do', () => {
    const rise = (perHour: number): number => {
      const { reference, slot, close } = begin();
      for (let hour = 1; hour <= 14; hour += 1) close(hour, perHour, 0);
      const before = reference.ceiling(slot);
      for (let hour = 15; hour <= 20; hour += 1) close(hour, reference.ceiling(slot), 0);
      return reference.ceiling(slot) / before;
    };
    expect(rise(300)).toBeGreaterThan(1.5);
    expect(rise(3600)).toBeLessThan(1.02);
  });
  it('leaves somebody irregular the room that it needs', () => {
    const { reference, slot, close } = begin();
    for (let hour = 1; hour <= 24; hour += 1) close(hour, hour % 2 === 0 ? 20 : 400);
    expect(reference.ceiling(slot)).toBeGreaterThan(1000);
  });
  it('knows the hours of a record of version 1', () => {
    const { pairs, reference, slot, close } = begin();
    for (let hour = 1; hour <= 24; hour += 1) close(hour, 600);
    const { taught } = pairs;
    const hours = Array.from(taught.subarray(pairs.taughtAt(slot) + sumsAt(2), pairs.taughtAt(slot) + sumsAt(3)));
    // Thirty words: when it was seen and learnt, flags, and of each window three counts, three sums and the chart.
    const old = new Uint8Array(1 + 30 * 4);
    const view = new DataView(old.buffer);
    old[0] = 1;
    view.setUint32(1 + 4, START + 24 * HOUR, true);
    hours.forEach((sum, index) => {
      view.setFloat32(1 + (3 + 2 * 9 + 3 + index) * 4, sum, true);
    });
    const later = new Pairs();
    const restored = new Reference(later, new Windows(later));
    const at = later.add(1, 1);
    expect(loadPair(later, at, old)).toBe(true);
    restored.translate(at);
    expect(later.taught[later.taughtAt(at) + sumsAt(2) + BLOCKS]).toBe(hours[0]);
    const { expected, hours: known } = restored.band(at, START + 24 * HOUR, everyone);
    expect(known).toBeGreaterThan(20);
    expect(expected / reference.band(slot, START + 24 * HOUR, everyone).expected).toBeCloseTo(1, 2);
  });
});
