/** A service made of pulses for the tests of what endpoints do as a whole: days of ordinary life, then one thing at a time. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { expect } from 'vitest';
import { Accuser } from '../accuser.js';
import type { PulseContribution } from '../contribution.js';
import { Episodes } from '../episodes.js';
import type { Finding } from '../finding.js';
import { rulesOf } from '../rules.js';
import { Tolerances } from '../tolerances.js';
import { GROUPS, PULSE_SECONDS, UNNOTICED_MS } from './constants.js';
import { Crowds } from './crowds.js';

export const rules = rulesOf(DEFAULT_SETTINGS);
export const MONDAY = Date.UTC(2026, 0, 5) / 1000;
export const [HOUR, DAY] = [3600, 86_400];

/** What an endpoint has in one pulse. */
export interface Load {
  /** Requests of each group. */
  each: number;
  groups?: number;
  failed?: number;
  ms?: number;
}
export type Life = (second: number, endpoint: string) => Load;

export class World {
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

export const ordinary: Life = () => ({ each: 0.2 });
export const only =
  (endpoint: string, load: Load): Life =>
  (second, name) =>
    name === endpoint ? load : ordinary(second, name);

/** One pulse a minute with the load of six: days pass faster. */
export const sixfold =
  (life: Life): Life =>
  (second, name) => ({ ...life(second, name), each: life(second, name).each * 6 });
export const brief = (found: readonly Finding[]) =>
  found.map(({ kind, subject, explanation }) => `${kind} ${subject.id}: ${explanation}`);

export const lived = new Map<number, { world: World; stored: [string, Uint8Array][] }>();

/** Two days of ordinary life, lived once and taken over by each test. */
export function known(endpoints = 6): World {
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
export const THEN = MONDAY + 2 * DAY;
