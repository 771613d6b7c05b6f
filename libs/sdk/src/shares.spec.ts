import type { RateLimit } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { decision } from '../test/fake-plimsoll.js';
import { openingOf, PART_KEPT_MS, Shares } from './shares.js';

const RATE: RateLimit = { requests: 60, windowSeconds: 60 };
const one = decision({ id: 'dec_1', action: 'throttle', rate: RATE });
const share = (change: object = {}) => ({ id: 'dec_1', requests: 0, part: 0.5, busy: false, ...change });
const use = (shares: Shares, now: number, admitted = true) => {
  const allotment = shares.of(one, RATE, now);
  shares.saw('dec_1', admitted, now);
  return allotment;
};

describe('the shares of an instance', () => {
  it('are the whole limit where the server knows nothing of other instances', () => {
    const shares = new Shares();
    expect(use(shares, 0)).toEqual({ type: 'whole' });
    expect(shares.tell(0)).toEqual([]);
    expect(shares.size).toBe(0);
  });

  it('begin with an opening: all of the burst alone, half of it together, at least one', () => {
    expect([1, 2, 4, 16].map((instances) => openingOf({ requests: 600, windowSeconds: 60 }, instances))).toEqual([60, 15, 7, 1]);
    expect(openingOf(RATE, 1_000)).toBe(1);
    const shares = new Shares();
    shares.crowd(16, []);
    expect(use(shares, 0)).toEqual({ type: 'counted', left: 1 });
    expect(use(shares, 1, false)).toEqual({ type: 'counted', left: 0 });
    shares.crowd(16, ['dec_1']);
    shares.crowd(16, []);
    expect(use(shares, 2, false)).toEqual({ type: 'counted', left: 1 });
  });

  it('have no opening where the limit is all handed out', () => {
    const shares = new Shares();
    shares.crowd(16, ['dec_1']);
    expect(use(shares, 0, false)).toEqual({ type: 'counted', left: 0 });
    const later = new Shares();
    later.crowd(16, []);
    later.of(one, RATE, 0);
    later.crowd(16, ['dec_1']);
    expect(use(later, 0, false)).toEqual({ type: 'counted', left: 0 });
  });

  it('are what the server answers, less what was admitted meanwhile', () => {
    const shares = new Shares();
    shares.crowd(1, []);
    for (let count = 0; count < 3; count += 1) use(shares, 0);
    const told = shares.tell(0);
    expect(told).toEqual([{ id: 'dec_1', ...RATE, life: 1, wanted: 3, admitted: 3 }]);
    use(shares, 5);
    use(shares, 6);
    shares.answered(told, [share({ requests: 5, busy: true })], 1_000, 10);
    expect(use(shares, 11)).toEqual({ type: 'counted', left: 3 });
    expect(shares.tell(100)).toEqual([]);
    expect(shares.tell(1_010)).toMatchObject([{ wanted: 6, admitted: 6 }]);
  });

  it('go back where they are not used, and nothing more is told then', () => {
    const shares = new Shares();
    shares.crowd(4, []);
    use(shares, 0);
    shares.answered(shares.tell(0), [share({ requests: 5 })], 1_000, 1);
    expect(shares.open).toBe(true);
    const told = shares.tell(1_000);
    expect(told).toMatchObject([{ wanted: 1, admitted: 1 }]);
    shares.answered(told, [share()], 1_000, 1_001);
    expect(shares.open).toBe(false);
    expect(shares.tell(5_000)).toEqual([]);
  });

  it('hold on as a part of the limit where the server is away or silent, for a minute; then the limit holds alone', () => {
    const shares = new Shares();
    shares.crowd(4, []);
    use(shares, 0);
    shares.answered(shares.tell(0), [share({ part: 0.25 })], 1_000, 10);
    use(shares, 1_100);
    shares.tell(1_100);
    expect(use(shares, 3_000)).toMatchObject({ type: 'counted' });
    expect(use(shares, 3_200)).toEqual({ type: 'part', part: 0.25 });
    shares.failed();
    expect(use(shares, 3_300)).toEqual({ type: 'part', part: 0.25 });
    expect(use(shares, 20_000)).toEqual({ type: 'part', part: 0.25 });
    expect(use(shares, 40_000)).toEqual({ type: 'part', part: 0.25 });
    expect(use(shares, 10 + PART_KEPT_MS)).toEqual({ type: 'whole' });
    // Back again: what was admitted alone is no debt of all.
    const told = shares.tell(70_000);
    shares.answered(told, [share()], 1_000, 70_010);
    expect(use(shares, 70_020)).toMatchObject({ type: 'counted' });
    expect(shares.tell(70_020)).toMatchObject([{ wanted: 1, admitted: 1 }]);
  });

  it('are begun anew after a silence, in which the server forgets', () => {
    const shares = new Shares();
    shares.crowd(4, []);
    use(shares, 0);
    shares.answered(shares.tell(0), [share()], 1_000, 1);
    use(shares, 30_000);
    expect(shares.tell(30_000)).toMatchObject([{ life: 2, wanted: 1, admitted: 1 }]);
  });

  it('are bounded: throttles without room here or there hold by themselves, and are counted', () => {
    const shares = new Shares();
    shares.crowd(4, []);
    for (let index = 0; index < 1_000; index += 1) {
      shares.of(decision({ id: `dec_${index}`, action: 'throttle', rate: RATE }), RATE, 0);
      shares.saw(`dec_${index}`, true, 0);
    }
    const other = decision({ id: 'one-more', action: 'throttle', rate: RATE });
    expect(shares.of(other, RATE, 1)).toEqual({ type: 'whole' });
    expect([shares.size, shares.dropped]).toEqual([1_000, 1]);
    const told = shares.tell(1);
    expect(told).toHaveLength(100);
    shares.answered(told, [], 1_000, 2);
    expect(shares.of(decision({ ...one, id: told[0]?.id ?? '' }), RATE, 3)).toEqual({ type: 'whole' });
    // What was told longest ago comes first.
    const next = shares.tell(300);
    expect(new Set([...told, ...next].map(({ id }) => id)).size).toBe(200);
    shares.answered(next, [], 1_000, 301);
    expect(shares.of(other, RATE, 60_000)).toMatchObject({ type: 'counted' });
    expect(shares.of(decision({ ...one, id: 'no id of ours' }), RATE, 60_000)).toEqual({ type: 'whole' });
  });
});
