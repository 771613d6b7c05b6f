/** What is usual of a service as a whole: how much of ordinary life lies within it, and what it does not learn. */
import { describe, expect, it } from 'vitest';
import { Crowd } from './crowd.js';
import { type Band, SLOT_MS, SLOTS_A_WEEK, UsualMinutes } from './usual-minutes.js';
import { HOUR, known, MONDAY, ordinary, sixfold, THEN } from './world.fixture.js';

const DAY_MINUTES = 1440;
const FIRST = Math.floor(MONDAY / 60);

/** Counts around a mean that scatter as counts do, times `clumping`; the same each time. */
function countsOf(mean: (minute: number) => number, clumping = 1) {
  let state = 99;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return (minute: number) => {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return Math.max(0, Math.round(mean(minute) + normal * Math.sqrt(clumping * mean(minute))));
  };
}

const bandAt = (bands: readonly Band[], minute: number): Band =>
  bands[Math.floor((minute * 60_000) / SLOT_MS) % SLOTS_A_WEEK] ?? [Number.NaN, Number.NaN];

function shareWithin(mean: (minute: number) => number, days: number, clumping = 1): number {
  const usual = new UsualMinutes();
  const count = countsOf(mean, clumping);
  let within = 0;
  let judged = 0;
  for (let minute = FIRST; minute < FIRST + days * DAY_MINUTES; minute += 1) {
    const requests = count(minute);
    // Told before it is learnt, as on the page; what is told is taken anew each hour.
    if (minute >= FIRST + (days - 1) * DAY_MINUTES && minute % 60 === 0) bands = usual.bands();
    if (minute >= FIRST + (days - 1) * DAY_MINUTES) {
      const [low, high] = bandAt(bands, minute);
      judged += 1;
      if (requests >= low && requests <= high) within += 1;
    }
    usual.learn({ minute, requests });
  }
  return within / judged;
}
let bands: Band[] = [];

const hourOf = (minute: number) => ((minute - FIRST) / 60) % 24;
const tide = (minute: number) => 300 + 250 * Math.sin(((hourOf(minute) - 8) / 24) * 2 * Math.PI);
const week = (minute: number) => (Math.floor((minute - FIRST) / DAY_MINUTES) % 7 < 5 ? tide(minute) : 40);

describe('the usual', () => {
  it.each<[string, (minute: number) => number, number, number]>([
    ['an even service', () => 200, 2, 1],
    ['a quiet one', () => 1.5, 2, 1],
    ['one with tides', tide, 4, 1],
    ['one with tides, whose pages make several requests', tide, 4, 5],
    ['one with weekends', week, 20, 1],
  ])('holds most minutes of %s', (_, mean, days, clumping) => {
    const share = shareWithin(mean, days, clumping);
    expect(share).toBeGreaterThan(0.82);
    expect(share).toBeLessThanOrEqual(1);
  });

  it('is narrower at night than at noon, and knows the night by day', () => {
    const usual = new UsualMinutes();
    const count = countsOf(tide);
    for (let minute = FIRST; minute < FIRST + 5 * DAY_MINUTES; minute += 1) usual.learn({ minute, requests: count(minute) });
    const [night, noon] = [bandAt(usual.bands(), FIRST + 2 * 60), bandAt(usual.bands(), FIRST + 14 * 60)];
    expect(night[1]).toBeLessThan(noon[0]);
    expect(night[1] - night[0]).toBeLessThan(noon[1] - noon[0]);
  });

  it('says nothing of the first half hour, and then something new every five minutes', () => {
    const usual = new UsualMinutes();
    for (let minute = 0; minute < 29; minute += 1) usual.learn({ minute: FIRST + minute, requests: 10 });
    expect([usual.fresh, usual.bands()]).toEqual([false, []]);
    usual.learn({ minute: FIRST + 29, requests: 10 });
    expect([usual.fresh, usual.bands().length, usual.minute]).toEqual([true, SLOTS_A_WEEK, FIRST + 29]);
    usual.fresh = false;
    for (let minute = 30; minute < 34; minute += 1) usual.learn({ minute: FIRST + minute, requests: 10 });
    expect(usual.fresh).toBe(false);
    usual.learn({ minute: FIRST + 34, requests: 10 });
    expect(usual.fresh).toBe(true);
  });

  it('goes on where it was stored, and takes no state of another kind', () => {
    const usual = new UsualMinutes();
    const count = countsOf(tide);
    for (let minute = FIRST; minute < FIRST + 300; minute += 1) usual.learn({ minute, requests: count(minute) });
    const again = new UsualMinutes(usual.state);
    for (const each of [usual, again]) each.learn({ minute: FIRST + 300, requests: 42 });
    expect(again.bands()).toEqual(usual.bands());
    expect(() => new UsualMinutes(Uint8Array.from([1, 2, 3]))).toThrow(RangeError);
  });
});

describe('of a service among others', () => {
  const noonOf = (world: ReturnType<typeof known>) => {
    const [told] = world.crowds.takeUsual();
    return bandAt(told?.bands ?? [], Math.floor(THEN / 60) + 30);
  };

  it('is told once it has changed, and again by who takes the service over', () => {
    const world = known();
    const [told] = world.crowds.takeUsual();
    expect(told).toMatchObject({ service: 'shop', bands: { length: SLOTS_A_WEEK } });
    expect(world.crowds.takeUsual()).toEqual([]);
    const stored: [string, Uint8Array][] = [];
    world.live(THEN, THEN + 600, ordinary);
    world.crowds.takeChanges(
      (key, state) => stored.push([key, state]),
      () => {},
    );
    const [later] = world.crowds.takeUsual();
    // In either order: nobody promises one.
    for (const entries of [stored, [...stored].reverse()]) {
      const heir = world.make();
      for (const [key, state] of entries) expect(heir.load(key, state)).toBe(true);
      expect(heir.takeUsual()).toEqual([later]);
    }
  });

  it('knows a night in which nothing comes', () => {
    const shop = new Crowd('shop', null);
    for (let minute = FIRST; minute < FIRST + 6 * DAY_MINUTES; minute += 1) {
      if (hourOf(minute) >= 8) shop.add(minute * 6, [[0, 200, 0, 0, 0, 0]], minute * 6);
    }
    const told = shop.usual?.bands() ?? [];
    expect(bandAt(told, FIRST + 3 * 60)[1]).toBeLessThan(5);
    expect(bandAt(told, FIRST + 15 * 60)[0]).toBeGreaterThan(150);
  });

  it('does not learn a flood', () => {
    const [calm, flooded] = [known(), known()];
    calm.live(THEN, THEN + HOUR, sixfold(ordinary), 60);
    flooded.live(THEN, THEN + HOUR, () => ({ each: 12 }), 60);
    const [before, after] = [noonOf(calm), noonOf(flooded)];
    expect(flooded.found.some(({ kind, subject }) => kind === 'flood' && subject.type === 'service')).toBe(true);
    expect(after[1]).toBeLessThan(1.3 * before[1]);
  });
});
