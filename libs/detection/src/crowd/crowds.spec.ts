/** Floods, failures and slowness of endpoints, on made pulses: two days of ordinary life, then one thing at a time. */
import { DEFAULT_SETTINGS, type Settings } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import { Accuser } from '../accuser.js';
import type { PulseContribution } from '../contribution.js';
import { Episodes } from '../episodes.js';
import type { Finding } from '../finding.js';
import { rulesOf } from '../rules.js';
import { Tolerances } from '../tolerances.js';
import { GROUPS, PULSE_SECONDS, UNNOTICED_MS } from './constants.js';
import { Crowds } from './crowds.js';

// Days of pulses: seconds beside other work.
vi.setConfig({ testTimeout: 60_000 });

const rules = rulesOf(DEFAULT_SETTINGS);
const MONDAY = Date.UTC(2026, 0, 5) / 1000;
const [HOUR, DAY] = [3600, 86_400];

/** What an endpoint has in one pulse. */
interface Load {
  /** Requests of each group. */
  each: number;
  groups?: number;
  failed?: number;
  ms?: number;
}
type Life = (second: number, endpoint: string) => Load;

class World {
  readonly episodes = new Episodes();
  readonly found: Finding[] = [];
  readonly endpoints: string[];
  crowds: Crowds;
  rules = rules;
  #random = 12_345;

  constructor(endpoints = 6) {
    this.endpoints = Array.from({ length: endpoints }, (_, index) => `GET /${'abcdefghijkl'[index]}`);
    this.crowds = this.make();
  }
  make(): Crowds {
    return new Crowds(new Accuser(this.episodes, new Tolerances()));
  }

  /** @returns what opened */
  live(from: number, until: number, life: Life, step = PULSE_SECONDS): Finding[] {
    const before = this.found.length;
    for (let second = from; second < until; second += step) {
      this.found.push(...this.crowds.absorb(this.pulse(second, life), this.rules));
      this.found.push(...this.episodes.settle((second + PULSE_SECONDS) * 1000));
    }
    return this.found.slice(before).filter(({ phase }) => phase === 'opened');
  }
  pulse(second: number, life: Life): PulseContribution {
    const endpoints = this.endpoints.map((endpoint) => ({ endpoint, groups: this.#groups(life(second, endpoint)) }));
    return {
      entity: 'pulse',
      service: 'shop',
      id: 'shop',
      second,
      newest: (second + PULSE_SECONDS + 2) * 1000,
      logId: `l${second}`,
      endpoints: endpoints.filter(({ groups }) => groups.length > 0),
      samples: [],
      historical: false,
    };
  }
  #groups({ each, groups = GROUPS, failed = 0.001, ms = 30 }: Load): number[][] {
    return Array.from({ length: groups }, (_, group) => {
      const requests = this.#count(each);
      let failures = 0;
      for (let index = 0; index < requests; index += 1) if (this.#next() < failed) failures += 1;
      const ln = Math.log(ms * (0.8 + 0.4 * this.#next()) + UNNOTICED_MS);
      return [group, requests, failures, requests, requests * ln, requests * (ln * ln + 0.1)];
    }).filter(([, requests]) => (requests ?? 0) > 0);
  }
  #count(mean: number): number {
    return Math.floor(mean * 2 * this.#next() + this.#next());
  }
  #next(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }
}

const ordinary: Life = () => ({ each: 0.2 });
const only =
  (endpoint: string, load: Load): Life =>
  (second, name) =>
    name === endpoint ? load : ordinary(second, name);

/** One pulse a minute with the load of six: days pass faster. */
const sixfold =
  (life: Life): Life =>
  (second, name) => ({ ...life(second, name), each: life(second, name).each * 6 });
const brief = (found: readonly Finding[]) =>
  found.map(({ kind, subject, explanation }) => `${kind} ${subject.id}: ${explanation}`);

const lived = new Map<number, { world: World; stored: [string, Uint8Array][] }>();

/** Two days of ordinary life, lived once and taken over by each test. */
function known(endpoints = 6): World {
  let past = lived.get(endpoints);
  if (!past) {
    const world = new World(endpoints);
    const stored: [string, Uint8Array][] = [];
    expect(brief(world.live(MONDAY, MONDAY + 2 * DAY, sixfold(ordinary), 60))).toEqual([]);
    world.crowds.takeChanges(
      (key, state) => stored.push([key, state]),
      () => {},
    );
    past = { world, stored };
    lived.set(endpoints, past);
  }
  const world = new World(endpoints);
  for (const [key, state] of past.stored) expect(world.crowds.load(key, state)).toBe(true);
  return world;
}
const THEN = MONDAY + 2 * DAY;

describe('endpoint-health', () => {
  it('says within half a minute that most requests fail, blames nobody, and ends when it is over', () => {
    const world = known();
    const [finding, ...others] = world.live(THEN, THEN + 600, only('GET /b', { each: 0.2, failed: 0.6 }));
    expect(brief(others)).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'endpoint-health',
      subject: { type: 'endpoint', id: 'GET /b' },
      rate: null,
      verified: false,
    });
    expect((finding?.ts ?? 0) / 1000 - THEN).toBeLessThanOrEqual(32);
    expect(finding?.observed).toBeGreaterThan(finding?.limit ?? 0);
    world.live(THEN + 600, THEN + 1500, ordinary);
    expect(world.found.map(({ phase }) => phase).at(-1)).toBe('ended');
  });

  it('finds six failures in a hundred where one in a thousand is usual', () => {
    const found = known().live(THEN, THEN + 900, only('GET /b', { each: 0.4, failed: 0.06 }));
    expect(found.map(({ subject }) => subject.id)).toEqual(['GET /b']);
  });

  it('finds an endpoint that is twice as slow for everybody, and says what would have been no alert', () => {
    const [finding] = known().live(THEN, THEN + 900, only('GET /c', { each: 0.4, ms: 60 }));
    expect(finding).toMatchObject({ kind: 'endpoint-health', unit: 'ms', subject: { id: 'GET /c' } });
    expect(Math.abs((finding?.expected ?? 0) - 32)).toBeLessThan(8);
    expect(finding?.explanation).toMatch(/ms or less there would be no alert/);
  });

  it('finds an endpoint with two requests a minute that mostly fails', () => {
    const sparse: Life = (second, name) => {
      if (name !== 'GET /b') return ordinary(second, name);
      return second % 30 === 0 ? { each: 0.1, failed: second > THEN ? 0.7 : 0 } : { each: 0 };
    };
    const world = new World(3);
    expect(brief(world.live(MONDAY, MONDAY + DAY / 2, sparse))).toEqual([]);
    const found = world.live(THEN - 1.5 * DAY, THEN - 1.5 * DAY + 900, (second, name) => sparse(second + 2 * DAY, name));
    expect(found.map(({ subject }) => subject.id)).toEqual(['GET /b']);
  });

  it('does not take one client that retries in vain, or is slow, for everybody', () => {
    const world = known();
    const loud = { groups: 1, each: 8, failed: 1, ms: 3000 };
    const found: Finding[] = [];
    for (let second = THEN; second < THEN + 1800; second += PULSE_SECONDS) {
      const pulse = world.pulse(second, ordinary);
      pulse.endpoints.push(
        ...world.pulse(second, only('GET /b', loud)).endpoints.filter(({ endpoint }) => endpoint === 'GET /b'),
      );
      found.push(...world.crowds.absorb(pulse, rules));
    }
    expect(brief(found)).toEqual([]);
  });

  it('tolerates more where somebody asked for it, and says nothing of a kind that is off', () => {
    const failing = only('GET /b', { each: 0.4, failed: 0.06 });
    const off = { endpoints: [{ endpoint: 'GET /b', kinds: { 'endpoint-health': 'off' } }] } as const;
    for (const some of [{ sensitivity: 15 }, off]) {
      const world = known();
      world.rules = rulesOf({ ...DEFAULT_SETTINGS, ...some } as Settings);
      expect(brief(world.live(THEN, THEN + 900, failing))).toEqual([]);
    }
  });

  it('is one finding about the service where everything fails', () => {
    const world = known();
    const found = world.live(THEN, THEN + 600, () => ({ each: 0.4, failed: 0.9 }));
    expect(found.map(({ subject }) => subject)).toEqual([{ type: 'service', id: 'shop' }]);
    expect(world.found.at(-1)?.severity).toBe('critical');
  });

  it('is told of each endpoint where most others are well', () => {
    const broken: Life = (_, name) => ({ each: 0.4, failed: name < 'GET /d' ? 0.9 : 0.001 });
    const found = known(12).live(THEN, THEN + 600, broken);
    expect(found.map(({ subject }) => subject.id)).toEqual(['GET /a', 'GET /b', 'GET /c']);
  });
});

describe('flood', () => {
  it('finds many sources at ten times the usual within a minute, and nothing else', () => {
    const [finding, ...others] = known().live(THEN, THEN + 900, only('GET /b', { each: 2 }));
    expect(brief(others)).toEqual([]);
    expect(finding).toMatchObject({ kind: 'flood', subject: { type: 'endpoint', id: 'GET /b' }, windowSeconds: 120 });
    expect((finding?.ts ?? 0) / 1000 - THEN).toBeLessThanOrEqual(62);
  });

  it('finds three times the usual over sixteen minutes', () => {
    const found = known().live(THEN, THEN + 1200, only('GET /b', { each: 0.6 }));
    expect(found.map(({ kind, subject }) => [kind, subject.id])).toEqual([['flood', 'GET /b']]);
  });

  it('leaves a few loud sources to the kinds made for them', () => {
    const found = known().live(THEN, THEN + 1200, only('GET /b', { each: 40, groups: 4 }));
    expect(brief(found)).toEqual([]);
  });

  it('takes a surge of everything for at most one finding, about the service', () => {
    const found = known().live(THEN, THEN + 2400, () => ({ each: 1.2 }));
    expect(found.map(({ subject }) => subject.type)).toEqual(['service']);
    expect(brief(known().live(THEN, THEN + 2400, () => ({ each: 0.7 })))).toEqual([]);
  });

  it('says nothing of a new service that grows, on its first day', () => {
    const world = new World(2);
    const growing: Life = (second) => ({ each: ((second - MONDAY) / DAY) ** 2 * 20 });
    expect(brief(world.live(MONDAY, MONDAY + DAY, growing, 60))).toEqual([]);
  });

  it('finds on the first day what is no morning either, and lets a new function have its opening', () => {
    const opened = (size: number) => {
      const world = new World(4);
      const first: Life = (_, name) => (name === 'GET /b' ? { each: 0.01 } : { each: name === 'GET /a' ? size : 0.2 });
      world.live(MONDAY, MONDAY + 3 * HOUR, sixfold(first), 60);
      const rush: Life = (second, name) => (name === 'GET /b' ? { each: 8 } : first(second, name));
      return world.live(MONDAY + 3 * HOUR, MONDAY + 3 * HOUR + 300, rush);
    };
    expect(opened(0.2).map(({ kind, subject }) => [kind, subject.id])).toEqual([['flood', 'GET /b']]);
    expect(brief(opened(20))).toEqual([]);
  });

  it('is not disturbed by offices: nights, the first Saturday, the Monday after it, and a noon rush', () => {
    const world = new World(2);
    const office: Life = (second) => {
      const day = Math.floor((second - MONDAY) / DAY) % 7;
      const hour = ((second - MONDAY) % DAY) / HOUR;
      const work = day >= 5 ? 0.05 : Math.exp(-(((hour - 13) / 3.5) ** 4));
      const noon = day < 5 && hour >= 12 && hour < 12.5 ? 2 : 1;
      return { each: 0.01 + 0.5 * work * noon };
    };
    expect(brief(world.live(MONDAY + 3 * DAY, MONDAY + 9 * DAY, sixfold(office), 60))).toEqual([]);
  });

  it('learns a new normal after a few hours, and at once where a person says so', () => {
    const world = known();
    const more = only('GET /b', { each: 2 });
    world.live(THEN, THEN + 9 * HOUR, sixfold(more), 60);
    expect(world.found.at(-1)?.phase).toBe('ended');
    const told = known();
    told.live(THEN, THEN + 600, more);
    const about = { service: 'shop', kind: 'flood', subject: { type: 'endpoint', id: 'GET /b' }, endpoint: 'GET /b' } as const;
    told.crowds.heed({ ...about, verdict: 'expected-change', alertId: 'a', openedAt: 0, judgedAt: 0, historical: false });
    told.live(THEN + 600, THEN + 1500, more);
    expect(told.found.at(-1)?.phase).toBe('ended');
  });
});

describe('state', () => {
  it('goes on after a restart at any point as if nothing had happened', () => {
    const [one, other] = [known(), known()];
    const story: Life = (second, name) =>
      name === 'GET /b' && second > THEN + 300 ? { each: 1.5, failed: second > THEN + 600 ? 0.3 : 0 } : ordinary(second, name);
    const stored = new Map(lived.get(6)?.stored);
    for (let second = THEN; second < THEN + 1200; second += PULSE_SECONDS) {
      const put = (key: string, state: Uint8Array) => stored.set(key, state);
      other.crowds.takeChanges(put, (key) => stored.delete(key));
      other.crowds = other.make();
      for (const [key, state] of stored) expect(other.crowds.load(key, state)).toBe(true);
      expect(other.live(second, second + PULSE_SECONDS, story)).toEqual(one.live(second, second + PULSE_SECONDS, story));
    }
    expect(one.found.filter(({ phase }) => phase === 'opened').length).toBeGreaterThanOrEqual(2);
    expect(other.make().load('["shop","GET /b"]', Uint8Array.from([9, 9]))).toBe(false);
  });

  it('does not depend on the shards that pulses come from, nor on their order', () => {
    const [whole, parts] = [known(), known()];
    const flood = only('GET /b', { each: 2 });
    const found: Finding[] = [];
    for (let second = THEN; second < THEN + 300; second += PULSE_SECONDS) {
      const pulse = parts.pulse(second, flood);
      const half = (even: boolean) =>
        pulse.endpoints.map(({ endpoint, groups }) => ({
          endpoint,
          groups: groups.filter(([group = 0]) => (group % 2 === 0) === even),
        }));
      found.push(...parts.crowds.absorb({ ...pulse, endpoints: half(second % 20 === 0) }, rules));
      found.push(...parts.crowds.absorb({ ...pulse, endpoints: half(second % 20 !== 0) }, rules));
    }
    const expected = whole.live(THEN, THEN + 300, flood).map(({ ts, subject }) => [ts, subject.id]);
    expect(found.filter(({ phase }) => phase === 'opened').map(({ ts, subject }) => [ts, subject.id])).toEqual(expected);
    expect(expected).toHaveLength(1);
  });

  it('survives a clock that is put right', () => {
    const world = known();
    world.live(THEN + 30 * DAY, THEN + 30 * DAY + 20, ordinary);
    expect(brief(world.live(THEN, THEN + HOUR, ordinary))).toEqual([]);
    expect(world.live(THEN + HOUR, THEN + HOUR + 300, only('GET /b', { each: 0.4, failed: 0.8 }))).toHaveLength(1);
  });
});
