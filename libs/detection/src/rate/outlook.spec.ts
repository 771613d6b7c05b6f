/** What the pages say of a baseline is what the model judges by. */
import { DEFAULT_SETTINGS, type RequestLog } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { knownAccount, Model, type Population, profileKey } from '../index.js';
import { request, step } from '../model.fixture.js';
import { outlookKeys, outlooks } from './outlook.js';

const HOUR = 3_600_000;
const T0 = 1_790_000_000_000;
const ENDPOINT = 'GET /orders';
const ada = { service: 'shop', type: 'actor', id: 'ada' } as const;
const log = (ts: number, actor = 'ada'): RequestLog => request(ts, { actor, path: '/orders' });

/** Two days of forty people, each a few requests in an hour of the day; then the states as they are stored. */
function lived() {
  const model = new Model();
  const told = new Map<string, Population>();
  for (let hour = 0; hour < 48; hour += 1) {
    for (let visit = 0; visit < 80; visit += 1) {
      const at = T0 + hour * HOUR + visit * 40_000;
      step(model, log(at, visit % 40 === 0 ? 'ada' : `user-${visit % 40}`), ENDPOINT);
      if (visit % 10 === 0) step(model, log(at + 1_000), ENDPOINT);
    }
    for (const contribution of model.takeContributions()) model.absorb(contribution, DEFAULT_SETTINGS);
    for (const population of model.takePopulations()) {
      told.set(population.endpoint, population);
      model.setPopulation(population);
    }
    model.settle(T0 + (hour + 1) * HOUR - 1);
  }
  return { model, states: new Map(model.takeChanges().puts), populations: [...told.values()] };
}

const read = ({ states, populations }: ReturnType<typeof lived>, now: number, sensitivity = DEFAULT_SETTINGS.sensitivity) => {
  const keys = outlookKeys(ada, [ENDPOINT, 'GET /never']);
  const stored = [ENDPOINT, 'GET /never'].flatMap((endpoint, index) => {
    const state = states.get(keys.pairs[index] ?? '');
    const [tolerance, place, level] = [keys.tolerances, keys.endpoints, keys.levels].map((names) =>
      states.get(names[index] ?? ''),
    );
    return state ? [{ endpoint, state, tolerance, place, level }] : [];
  });
  return outlooks(ada, stored, populations, { second: Math.floor(now / 1000), sensitivityOf: () => sensitivity });
};

/** For a minute and a half thirty others make a request a second each, while shards tell each other; then it is stored. */
function surging({ model, states }: ReturnType<typeof lived>, from: number): void {
  for (let second = 0; second < 90; second += 1) {
    for (let user = 1; user <= 30; user += 1) step(model, log(from + second * 1_000 + user, `user-${user}`), ENDPOINT);
    if (second % 10 !== 9) continue;
    for (const contribution of model.takeContributions()) model.absorb(contribution, DEFAULT_SETTINGS);
    for (const surge of model.takeSurges()) model.setSurge(surge);
  }
  for (const [key, state] of model.takeChanges().puts) states.set(key, state);
}

/** How many requests within some seconds raise the first finding about ada, by the model itself; stored is what was before that one. */
function firstOver({ model, states }: ReturnType<typeof lived>, now: number) {
  for (let index = 0; index < 500; index += 1) {
    const at = now + index * 10;
    for (const [key, state] of model.takeChanges().puts) states.set(key, state);
    const [finding] = step(model, log(at), ENDPOINT);
    if (finding) return { ...finding, at };
  }
  throw new Error('nothing was found');
}

describe('an outlook', () => {
  it('says the expectation and the limit by which the model judges, before it does', () => {
    const life = lived();
    const now = T0 + 48 * HOUR + 5_000;
    const [only, ...others] = read(life, now);
    expect(others).toEqual([]);
    const shortest = only?.windows[0];
    expect(shortest).toMatchObject({ windowSeconds: 10, observed: 0 });
    expect(shortest?.evidence.own).toBeGreaterThan(5);
    expect(shortest?.evidence.population).toBeGreaterThan(100);
    const found = firstOver(life, now);
    expect(found.observed).toBe(found.limit + 1);
    expect(shortest?.limit).toBe(found.limit);
    expect(shortest?.expected).toBeCloseTo(found.expected, 6);
  });

  it('is wider while everybody surges, as the model judges then, and says by how much', () => {
    const life = lived();
    const begun = T0 + 48 * HOUR + 5_000;
    const plain = read(life, begun)[0]?.windows ?? [];
    expect(plain.map(({ level }) => level)).toEqual([1, 1, 1]);
    surging(life, begun);
    const now = begun + 90_000;
    const windows = read(life, now)[0]?.windows ?? [];
    for (const [index, { level, limit, expected }] of windows.entries()) {
      expect(level).toBeGreaterThan(2);
      expect(limit).toBeGreaterThan(plain[index]?.limit ?? Number.POSITIVE_INFINITY);
      expect(expected / level).toBeCloseTo(plain[index]?.expected ?? 0, 3);
    }
    const found = firstOver(life, now);
    // The own part is left out: whoever joins in has a little less room than before.
    const [shortest] = read(life, found.at)[0]?.windows ?? [];
    expect([shortest?.limit, shortest?.expected]).toEqual([found.limit, found.expected]);
    expect(shortest?.limit).toBeLessThanOrEqual(windows[0]?.limit ?? 0);
    // By what the own shard keeps alone, where that of the service has written nothing yet.
    for (const key of life.states.keys()) if (key.startsWith('l')) life.states.delete(key);
    expect(read(life, now)[0]?.windows[0]?.level).toBeGreaterThan(2);
    // It fades by itself: nothing is written when it is over.
    expect(read(life, now + 15 * 60_000)[0]?.windows[1]?.level).toBeLessThan(1.1);
  });

  it('follows the settings, and what a verdict has widened', () => {
    const life = lived();
    const now = T0 + 48 * HOUR + 5_000;
    const limitOf = (outlook: ReturnType<typeof read>) => outlook[0]?.windows[0]?.limit ?? 0;
    const plain = limitOf(read(life, now));
    expect(limitOf(read(life, now, 2 * DEFAULT_SETTINGS.sensitivity))).toBeGreaterThan(plain);
    const report = { alertId: 'a', service: 'shop', kind: 'rate', subject: { type: 'actor', id: 'ada' } } as const;
    const times = { openedAt: now, judgedAt: now, historical: false };
    life.model.heed({ ...report, endpoint: ENDPOINT, verdict: 'false-positive', ...times, reach: 2 });
    for (const [key, state] of life.model.takeChanges().puts) life.states.set(key, state);
    expect(limitOf(read(life, now))).toBeGreaterThan(plain);
  });

  it('shows the last peaks, and leaves out what cannot be read', () => {
    const life = lived();
    const peaks = read(life, T0 + 48 * HOUR)[0]?.peaks.find(({ windowSeconds }) => windowSeconds === 3600)?.points ?? [];
    expect(peaks.length).toBeGreaterThan(3);
    expect(peaks.every(({ peak, ts }) => peak > 0 && ts <= T0 + 48 * HOUR + HOUR)).toBe(true);
    const key = outlookKeys(ada, [ENDPOINT]).pairs[0] ?? '';
    life.states.set(key, Uint8Array.of(99, 1, 2));
    expect(read(life, T0)).toEqual([]);
  });
});

describe('a known account', () => {
  it('is told by its times alone', () => {
    const { states } = lived();
    const known = knownAccount(states.get(profileKey('shop', 'actor', 'ada')) ?? new Uint8Array());
    expect(known).toMatchObject({ since: T0, networks: [{ firstAt: T0 }] });
    expect(known?.requests).toBeGreaterThan(100);
    expect(knownAccount(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});
