/**
 * What is known about an endpoint by the shard of an actor: its class, its population as the prior of every actor on it,
 * and its present level. One object an endpoint; they are bounded by the templates.
 */

import type { EndpointClass } from '../constants.js';
import { DEFAULT_MEANS, POPULATION_PRIOR_BLOCKS, WINDOWS } from '../constants.js';
import type { Population, PopulationStatistic, Surge } from '../contribution.js';
import { Level, SHORTEST_LEVEL } from '../rate/level.js';
import { Rush } from '../rate/rush.js';
import { factorAt } from '../rate/season.js';
import { type Expectation, everyone } from '../statistics/baseline.js';
import { staticExtension } from './segments.js';

const SIGN_IN =
  /(?:^|[-_.])(?:log-?in|log-?on|sign-?in|signon|authenticate|t?otp|2fa|mfa|(?:two|second)-?factor|one-?time-(?:code|password)|pass-?code|passwd|password-reset)(?:$|[-_.])/i;
const SIGN_IN_SUBJECT = /^(?:sessions?|auth)$/i;

const SECONDS: readonly number[] = WINDOWS.map(({ seconds }) => seconds);

/** By name alone, before anything was learnt: the last word of the path says what it is for. */
export function classOf(endpoint: string): EndpointClass {
  const [method = '', path = ''] = endpoint.split(' ', 2);
  if (path === '/*') return 'mixed';
  const words = path.split('/').filter((word) => word !== '' && !word.startsWith(':'));
  const last = words.at(-1) ?? '';
  const writes = method === 'POST' || method === 'PUT';
  // A second step is one too: `/login/code`, `/2fa/verify`.
  if (writes && (SIGN_IN.test(last) || SIGN_IN.test(words.at(-2) ?? '') || SIGN_IN_SUBJECT.test(last))) return 'sign-in';
  const reads = method === 'GET' || method === 'HEAD';
  return reads && staticExtension(path) !== '' ? 'asset' : 'other';
}

export class Endpoint {
  readonly index: number;
  readonly service: string;
  readonly name: string;
  readonly class: EndpointClass;
  /** Called once for each thing: its path names one, or it writes. */
  readonly oneByOne: boolean;
  /** Present level in each of WINDOWS; the shortest ones share one. */
  readonly levels: readonly Level[];
  /** In the windows shorter than an hour: what this shard's own actors do together. */
  readonly rushes = WINDOWS.slice(0, -1).map(({ seconds }) => new Rush(seconds));
  /** Learnt: somebody signed in here, so that failures here are failed sign-ins. */
  signIn: boolean;
  /** Not stored since it changed. */
  dirty = false;
  /** Counts changes of the population: what was computed from an older one is void. */
  version = 0;
  #statistics: (PopulationStatistic | undefined)[] = [];
  /** Share of the first window's population mean that is learnt, 0..1: without it nothing is known to surge. */
  knowledge = 0;
  /** Everyone's mean in each window, whatever the hour. */
  readonly means: number[];
  #season: Population['season'];

  constructor(index: number, service: string, name: string) {
    this.index = index;
    this.service = service;
    this.name = name;
    this.class = classOf(name);
    this.oneByOne = name.includes('/:') || !/^(?:GET|HEAD) /.test(name);
    this.signIn = this.class === 'sign-in';
    const levels = WINDOWS.map((_, window) => new Level(window));
    this.levels = levels.map((level, window) => levels[Math.max(window, SHORTEST_LEVEL)] ?? level);
    this.means = [...DEFAULT_MEANS[this.class]];
  }

  setPopulation(population: Population): void {
    this.#statistics = [];
    for (const statistic of population.statistics) {
      const window = SECONDS.indexOf(statistic.windowSeconds);
      if (window >= 0) this.#statistics[window] ??= statistic;
    }
    const first = this.#statistics[0];
    this.knowledge = first ? first.blocks / (first.blocks + POPULATION_PRIOR_BLOCKS) : 0;
    for (let window = 0; window < WINDOWS.length; window += 1) this.means[window] = this.everyone(window, 0).mean;
    this.#season = population.season;
    this.version += 1;
  }

  setSurge({ levels }: Pick<Surge, 'levels'>): void {
    for (const { windowSeconds, rows } of levels) this.levels[SECONDS.indexOf(windowSeconds)]?.take(rows);
  }

  /** By how much this hour of the week lifts or lowers what everyone does; 1 while no season is believed. */
  season(window: number, second: number): number {
    return this.#season === undefined ? 1 : factorAt(this.#season[window], second);
  }

  /** Ordinary blocks of everyone that are remembered, for a window of WINDOWS. */
  blocks(window: number): number {
    return this.#statistics[window]?.blocks ?? 0;
  }

  /**
   * Everyone's expectation for a window of WINDOWS.
   * @param atLeast what a shorter window teaches about the mean where this one has seen little
   */
  everyone(window: number, atLeast: number): Expectation {
    const usual = DEFAULT_MEANS[this.class][window] ?? 1;
    const known = this.#statistics[window];
    // The better everyone is known, the less one actor's own shorter windows say about them.
    const unknown = POPULATION_PRIOR_BLOCKS / (POPULATION_PRIOR_BLOCKS + (known?.blocks ?? 0));
    const prior = usual + Math.max(0, atLeast - usual) * unknown;
    return everyone(prior, known?.blocks ?? 0, known?.mean ?? 0, known?.variance ?? 0);
  }

  state(): unknown {
    const surge = WINDOWS.flatMap(({ seconds }, window) =>
      window < SHORTEST_LEVEL ? [] : [{ windowSeconds: seconds, rows: this.levels[window]?.newest ?? [] }],
    );
    return { signIn: this.signIn, rushes: this.rushes.map((rush) => rush.state()), surge };
  }

  load(state: unknown): void {
    if (typeof state !== 'object' || state === null) return;
    if ('signIn' in state && state.signIn === true) this.signIn = true;
    // What was told last: whoever takes the shard over is told anew within ten seconds, and learns again before.
    const surge: unknown[] = 'surge' in state && Array.isArray(state.surge) ? state.surge : [];
    this.setSurge({ levels: surge.filter(isTold) });
    const rushes: unknown[] = 'rushes' in state && Array.isArray(state.rushes) ? state.rushes : [];
    rushes.forEach((rush, window) => {
      if (Array.isArray(rush)) this.rushes[window]?.load(rush.map(Number));
    });
  }
}

const isTold = (level: unknown): level is Surge['levels'][number] =>
  typeof level === 'object' && level !== null && 'rows' in level && Array.isArray(level.rows);
