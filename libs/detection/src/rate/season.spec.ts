/** The season of a population: learnt in days, harmless before, bounded, the same however its hours arrive, kept over a restart. */
import { describe, expect, it } from 'vitest';
import type { EndpointContribution, Population } from '../contribution.js';
import { Endpoint } from '../entities/endpoints.js';
import { SEASON_MOST } from './constants.js';
import { Populations } from './populations.js';
import { factorAt } from './season.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** A Monday, seconds. */
const MONDAY = Date.UTC(2026, 0, 5) / 1000;
const MINUTE_WINDOW = 1;

/** Ordinary blocks of an hour, of a mean peak: a sum for each window. */
const hourOf = (second: number, mean: number, blocks = 60): EndpointContribution => ({
  entity: 'endpoint',
  service: 'shop',
  id: 'GET /a',
  second: second + HOUR,
  sums: [10, 60, 3600].map((windowSeconds) => {
    const sum = blocks * mean;
    return { windowSeconds, flagged: false, blocks, sum, sumOfSquares: 2 * sum * mean };
  }),
});

/** What is known after `days` of `meanAt` (second since the Monday). */
function learnt(days: number, meanAt: (second: number) => number, populations = new Populations(10)): Population | undefined {
  for (let second = 0; second < days * DAY; second += HOUR) populations.absorb(hourOf(MONDAY + second, meanAt(second)));
  return populations.take()[0];
}
const factor = (population: Population | undefined, second: number) =>
  factorAt(population?.season?.[MINUTE_WINDOW], MONDAY + second);
const hourOfDay = (second: number) => (second % DAY) / HOUR;

/** Busy from eight to six, quiet by night. */
const office = (second: number) => (hourOfDay(second) >= 8 && hourOfDay(second) < 18 ? 20 : 5);
const weekdays = (second: number) => (Math.floor(second / DAY) % 7 < 5 ? office(second) : 5);
/** Any fixed noise will do: between half and twice of ten. */
const noisy = (second: number) => 10 * 2 ** Math.sin(second * 12.9898 + (second / 977) ** 2);

describe('the season of a population', () => {
  it('knows the time of day after a few days', () => {
    const after = learnt(4, office);
    expect(factor(after, 4 * DAY + 3 * HOUR)).toBeLessThan(0.75);
    expect(factor(after, 4 * DAY + 12 * HOUR)).toBeGreaterThan(1.3);
  });
  it('says nothing on the first day, nor where there is no season', () => {
    expect(learnt(1, office)?.season).toBeUndefined();
    expect(learnt(20, () => 10)?.season).toBeUndefined();
    const wrong = Array.from({ length: 168 }, (_, hour) => factor(learnt(20, noisy), hour * HOUR));
    expect(Math.max(...wrong)).toBe(1);
    expect(Math.min(...wrong)).toBe(1);
  });
  it('one loud day is no season', () => {
    const sale = (second: number) => (second >= 6 * DAY && second < 7 * DAY ? 60 : 10);
    expect(Math.abs(Math.log(factor(learnt(9, sale), 9 * DAY + 12 * HOUR)))).toBeLessThan(0.1);
  });
  it('tells weekdays from weekends, from the second weekend on', () => {
    const after = learnt(14, weekdays);
    expect(factor(after, 14 * DAY + 12 * HOUR)).toBeGreaterThan(1.4);
    expect(factor(after, 19 * DAY + 12 * HOUR)).toBeLessThan(1);
  });
  it('knows an hour of the week when it has come again', () => {
    const mondays = (second: number) => (Math.floor(second / DAY) % 7 === 0 && hourOfDay(second) < 12 ? 60 : 10);
    const after = learnt(29, mondays);
    expect(after?.season?.[MINUTE_WINDOW]).toHaveLength(168);
    expect(factor(after, 28 * DAY + 6 * HOUR)).toBeGreaterThan(2);
    expect(factor(after, 29 * DAY + 6 * HOUR)).toBeLessThan(1.2);
  });
  it('follows when the rhythm moves', () => {
    const moved = (second: number) => office(second < 10 * DAY ? second : second + 12 * HOUR);
    const after = learnt(24, moved);
    expect(factor(after, 24 * DAY)).toBeGreaterThan(factor(after, 24 * DAY + 12 * HOUR));
  });
  it('bends a norm four times at most, in either direction', () => {
    const wild = (second: number) => (hourOfDay(second) === 3 ? 4000 : hourOfDay(second) === 15 ? 0.01 : 10);
    const season = learnt(20, wild)?.season?.[MINUTE_WINDOW] ?? [];
    expect(season.length).toBeGreaterThan(0);
    for (const ln of season) expect(Math.abs(ln)).toBeLessThanOrEqual(Math.log(SEASON_MOST) + 0.01);
  });
  it('is the same whether shards tell their parts of an hour alone or together, and in whatever order within it', () => {
    const apart = new Populations(10);
    for (let second = 0; second < 5 * DAY; second += HOUR) {
      const mean = office(second);
      const parts = [hourOf(MONDAY + second, mean, 10), hourOf(MONDAY + second, mean, 20), hourOf(MONDAY + second, mean, 30)];
      for (const part of second % (2 * HOUR) === 0 ? parts : parts.reverse()) apart.absorb(part);
    }
    expect(apart.take()[0]?.season).toEqual(learnt(5, office)?.season);
  });
  it('goes on after a restart at any point as if there had been none', () => {
    let populations = new Populations(10);
    const stored = new Map<string, unknown>();
    const seasons = new Map<string, Uint8Array>();
    for (let second = 0; second < 5 * DAY; second += HOUR) {
      populations.absorb(hourOf(MONDAY + second, office(second)));
      populations.takeChanges((key, state) => stored.set(key, structuredClone(state)));
      populations.takeSeasons((key, state) => seasons.set(key, state));
      populations = new Populations(10);
      for (const [key, state] of seasons) expect(populations.loadSeason(key, state)).toBe(true);
      for (const [key, state] of stored) populations.load(key, state);
    }
    populations.absorb(hourOf(MONDAY + 5 * DAY, 5));
    const whole = new Populations(10);
    learnt(5, office, whole);
    whole.absorb(hourOf(MONDAY + 5 * DAY, 5));
    expect(populations.take()[0]?.season).toEqual(whole.take()[0]?.season);
    expect(populations.loadSeason('["shop","GET /a"]', new Uint8Array([9, 9]))).toBe(false);
  });
  it('lifts and lowers what everyone on the endpoint is expected to do', () => {
    const endpoint = new Endpoint(0, 'shop', 'GET /a');
    endpoint.setPopulation(learnt(6, office) as Population);
    expect(endpoint.season(MINUTE_WINDOW, MONDAY + 6 * DAY + 12 * HOUR)).toBeGreaterThan(1.3);
    expect(endpoint.season(MINUTE_WINDOW, MONDAY + 6 * DAY + 2 * HOUR)).toBeLessThan(0.75);
  });
});
