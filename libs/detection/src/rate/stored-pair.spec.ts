/** The stored form of a pair: nothing is lost, little is written, and what versions before wrote is read as they meant it. */
import { describe, expect, it } from 'vitest';
import { Chart } from './chart.js';
import { COPY_BYTES } from './copies.js';
import { CEILING, FLAGS, HOURLY, LAST, LEARNT, LOGS, Pairs, sumsAt, windowAt } from './pairs.js';
import { isReadable, loadPair, storedPair } from './stored-pair.js';
import { Windows } from './windows.js';

const START = 1_767_000_000;

/** Half a day of visits, some of them flagged. */
function lived(): { pairs: Pairs; slot: number } {
  const pairs = new Pairs();
  const windows = new Windows(pairs);
  const slot = pairs.add(7, 3);
  for (let visit = 0; visit < 200; visit += 1) {
    const second = START + visit * 217 + (visit % 7) * 3;
    for (let window = 0; window < 3; window += 1) {
      if (windows.isOpen(slot, window) && windows.isInBlock(slot, window, second)) continue;
      if (windows.isOpen(slot, window)) {
        windows.learn(slot, window, windows.peakOf(slot, window), second, 1);
        windows.close(slot, window);
      }
      windows.open(slot, window, second);
    }
    windows.count(slot, second, visit % 31 === 0 ? 'flagged' : 'none', 2);
  }
  windows.learnLog(slot, 12, 1);
  return { pairs, slot };
}

const everything = (pairs: Pairs, slot: number) => ({
  present: Array.from(pairs.words.subarray(pairs.at(slot) + LAST, pairs.at(slot + 1))),
  taught: Array.from(pairs.taughtWords.subarray(pairs.taughtAt(slot), pairs.taughtAt(slot + 1))),
});

/** As version 2 wrote it: each word, one after another; version 1 without the last four. */
function old(version: 1 | 2, words: number): Uint8Array {
  const state = new Uint8Array(1 + words * 4);
  state[0] = version;
  for (let word = 0; word < words; word += 1) new DataView(state.buffer).setUint32(1 + word * 4, 1000 + word, true);
  return state;
}

describe('a stored pair', () => {
  it('comes back whole, also into a record that another pair had', () => {
    const { pairs, slot } = lived();
    const other = new Pairs();
    const at = other.add(1, 1);
    other.words.fill(9, other.at(at) + LAST, other.at(at + 1));
    expect(loadPair(other, at, storedPair(pairs, slot))).toBe(true);
    expect(everything(other, at)).toEqual(everything(pairs, slot));
  });

  it('brings a copy along', () => {
    const { pairs, slot } = lived();
    const copy = Uint8Array.from({ length: COPY_BYTES }, (_, index) => index);
    expect(loadPair(pairs, slot, storedPair(pairs, slot, copy))).toEqual(copy);
  });

  it('takes little: a pair seen once and one with a history', () => {
    const pairs = new Pairs();
    const windows = new Windows(pairs);
    const once = pairs.add(1, 1);
    for (let window = 0; window < 3; window += 1) windows.open(once, window, START);
    windows.count(once, START, 'none', 2);
    expect(storedPair(pairs, once).length).toBeLessThan(50);
    const long = lived();
    expect(storedPair(long.pairs, long.slot).length).toBeLessThanOrEqual(137);
  });

  it('is not read where it is cut, longer than it says, or of a version to come', () => {
    const { pairs, slot } = lived();
    const state = storedPair(pairs, slot);
    for (const broken of [state.slice(0, -1), state.slice(0, 3), new Uint8Array(), Uint8Array.from([...state, 0])])
      expect(isReadable(broken)).toBe(false);
    expect(isReadable(Uint8Array.from(state, (byte, index) => (index === 0 ? 4 : byte)))).toBe(false);
  });

  it('of version 2 is read word by word', () => {
    const pairs = new Pairs();
    const slot = pairs.add(1, 1);
    expect(loadPair(pairs, slot, old(2, 34))).toBe(true);
    const at = pairs.at(slot);
    const taught = pairs.taughtAt(slot);
    expect([LAST, LEARNT, FLAGS].map((word) => pairs.words[at + word])).toEqual([1000, 1001, 1002]);
    for (let window = 0; window < 3; window += 1) {
      const first = 1003 + window * 9;
      expect([0, 1, 2].map((word) => pairs.words[at + windowAt(window) + word])).toEqual([first, first + 1, first + 2]);
      expect([0, 1, 2].map((sum) => pairs.taughtWords[taught + sumsAt(window) + sum])).toEqual([first + 3, first + 4, first + 5]);
      const chart = new DataView(pairs.charts.buffer, pairs.chartAt(slot, window), 12);
      expect([0, 4, 8].map((byte) => chart.getUint32(byte, true))).toEqual([first + 6, first + 7, first + 8]);
    }
    expect([LOGS, LOGS + 1, CEILING].map((word) => pairs.taughtWords[taught + word])).toEqual([1030, 1031, 1032]);
    expect(pairs.words[at + HOURLY]).toBe(1033);
  });

  it('of version 1 is read as far as it goes, and has no copy', () => {
    const pairs = new Pairs();
    const slot = pairs.add(1, 1);
    expect(loadPair(pairs, slot, old(1, 30))).toBe(true);
    expect(pairs.words[pairs.at(slot) + windowAt(2)]).toBe(1021);
    expect(pairs.taughtWords[pairs.taughtAt(slot) + LOGS]).toBe(0);
    expect(isReadable(Uint8Array.from([...old(1, 30), ...new Uint8Array(COPY_BYTES)]))).toBe(false);
  });
});

describe('the chart of a pair', () => {
  it('is the same before a block that opened has closed, and after', () => {
    const pairs = new Pairs();
    const slot = pairs.add(1, 1);
    const chart = new Chart(pairs);
    const peaks = () => Array.from({ length: 12 }, (_, index) => chart.peak(slot, 1, index));
    for (const [passed, peak] of [
      [0, 4],
      [1, 5],
      [3, 6],
    ] as const) {
      chart.open(slot, 1, passed);
      chart.close(slot, 1, peak);
    }
    expect(peaks().slice(0, 6)).toEqual([6, 0, 0, 5, 4, 0]);
    chart.open(slot, 1, 2);
    expect(peaks().slice(0, 8)).toEqual([0, 0, 6, 0, 0, 5, 4, 0]);
    chart.close(slot, 1, 7);
    expect(peaks().slice(0, 8)).toEqual([7, 0, 6, 0, 0, 5, 4, 0]);
    expect(chart.greatest(slot, 1)).toBe(7);
    chart.open(slot, 1, 500);
    expect(chart.greatest(slot, 1)).toBe(0);
  });
});
