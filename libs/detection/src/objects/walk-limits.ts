/**
 * How far a walk may go: for each measure the posterior of statistics/baseline.ts (default <- everyone of the same sort <-
 * own), and the limit that follows. Actors are compared with actors, addresses with addresses, first blocks with first
 * blocks: who is new sees everything for the first time.
 */
import type { MeasureStatistic } from '../contribution.js';
import type { Source } from '../entities/sources.js';
import { type Expectation, everyone, floorAt, limitOf, lnTailBeside, posterior } from '../statistics/baseline.js';
import {
  AGAIN,
  EXCUSE_REFUSED,
  EXCUSE_RETURNS,
  FADED_FLOORS,
  FLOOR_BLOCKS,
  LEAST_WITNESSES,
  MEASURES,
  type Measure,
  PAGE_SECONDS,
  READ_SECONDS,
  SETTLED_SECONDS,
  UNWITNESSED,
} from './constants.js';
import type { Everyone } from './norms.js';
import { BLOCK_SECONDS, RUN, type Steps } from './steps.js';
import { CHARGED, measureAt, RETURN_SECONDS, TOLD, type Walks, WORDS } from './walks.js';

/** What a walk is measured against. */
export interface Yardstick {
  own: Expectation;
  everyone: Expectation;
  limit: number;
}

export interface Standpoint {
  source: Source;
  endpoint: Everyone;
  /** Where the windows stand. */
  position: number;
  newcomer: boolean;
  sensitivity: number;
}

/** Below so many own blocks a walk is in its first. */
const FIRST = 1e-3;
const NOBODY: MeasureStatistic = { measure: '', blocks: 0, mean: 0, variance: 0 };

/** Name of a measure in contributions: by sort of source, and whether it is the source's first block. */
export const groupOf = (measure: number, type: Source['type'], first: boolean) =>
  `${MEASURES[measure]?.name}/${type}${first ? '/first' : ''}`;

export const isFirst = (blocks: number) => blocks < FIRST;

export class WalkLimits {
  readonly #walks: Walks;
  readonly #steps: Steps;

  constructor(walks: Walks, steps: Steps) {
    this.#walks = walks;
    this.#steps = steps;
  }

  /** Whether enough is known for the measure to be judged at all: refusals need no history, runs a day or others. */
  isSettled(measure: number, { source, endpoint, position }: Standpoint): boolean {
    const what = MEASURES[measure]?.what;
    if (what === 'refused' || position - endpoint.since >= SETTLED_SECONDS) return true;
    return what === 'run' && !isUnwitnessed(measure, source, endpoint);
  }

  yardstick(slot: number, measure: number, standpoint: Standpoint): Yardstick {
    const { source, endpoint, position, newcomer, sensitivity } = standpoint;
    const { floor, what } = MEASURES[measure] as Measure;
    const { own, others } = this.#expectation(slot, measure, standpoint);
    const bare = isUnwitnessed(measure, source, endpoint) ? UNWITNESSED * floor[1] : floor[newcomer ? 1 : 0];
    const fades = what !== 'objects' && this.#isOnItsWay(slot, what, position);
    const least = fades ? faded(bare, what, blocksOf(measure, source.type, endpoint)) : bare;
    // To be refused and to go from neighbour to neighbour are two surprises: together each may be the smaller.
    const asked = fades && what === 'refused' ? this.#besideRun(slot, standpoint) : undefined;
    const plain = Math.max(limitOf(own, least, sensitivity, asked), Math.floor(floorAt(least, sensitivity)));
    const excused = Math.floor(this.#excuse(slot, measure, position));
    return { own, everyone: others, limit: Math.max(plain, this.#told(slot, measure, position)) + excused };
  }

  #expectation(slot: number, measure: number, { source, endpoint, position }: Standpoint) {
    const { mean, block } = MEASURES[measure] as Measure;
    const sums = this.#steps.sums(slot, measure, position - (position % BLOCK_SECONDS[block]));
    const known = statisticOf(measure, source.type, isFirst(sums.blocks), endpoint);
    const others = everyone(mean, known.blocks, known.mean, known.variance);
    return { own: posterior(others, sums), others };
  }

  #besideRun(slot: number, standpoint: Standpoint): number {
    return lnTailBeside(this.#expectation(slot, RUN, standpoint).own, this.#steps.countAt(slot, RUN, standpoint.position));
  }

  /** Who neither loads a page nor reads, and hardly comes back to anything. */
  #isOnItsWay(slot: number, what: keyof typeof FADED_FLOORS, position: number): boolean {
    const seconds = this.#steps.runSeconds(slot, position);
    if (seconds < PAGE_SECONDS) return false;
    const run = this.#steps.countAt(slot, RUN, position);
    if (what === 'run' && seconds > READ_SECONDS * run) return false;
    return EXCUSE_RETURNS * this.#steps.returnsAt(slot, RETURN_SECONDS[0], position) < run;
  }

  #excuse(slot: number, measure: number, position: number): number {
    const { what, windowSeconds } = MEASURES[measure] as Measure;
    if (what === 'objects') return EXCUSE_RETURNS * this.#steps.returnsAt(slot, windowSeconds, position);
    return what === 'refused' ? EXCUSE_REFUSED * this.#found(slot, measure, position) : 0;
  }

  /** What was over the limit before and is so again is no news; while it goes on it is held to the plain limit. */
  #told(slot: number, measure: number, position: number): number {
    const at = slot * WORDS;
    const told = this.#walks.floats[at + measureAt(measure) + TOLD] ?? 0;
    if (told === 0) return 0;
    const quiet = position - (this.#walks.words[at + CHARGED] ?? 0);
    return quiet > BLOCK_SECONDS.hour ? Math.floor(told * AGAIN) : 0;
  }

  /** Objects that were not refused, in the measure's own window. */
  #found(slot: number, measure: number, position: number): number {
    const { windowSeconds } = MEASURES[measure] as Measure;
    const objects = MEASURES.findIndex((other) => other.what === 'objects' && other.windowSeconds === windowSeconds);
    return Math.max(0, this.#steps.countAt(slot, objects, position) - this.#steps.countAt(slot, measure, position));
  }
}

const blocksOf = (measure: number, type: Source['type'], endpoint: Everyone) =>
  (endpoint.of(groupOf(measure, type, true))?.blocks ?? 0) + (endpoint.of(groupOf(measure, type, false))?.blocks ?? 0);

/** What is left of a floor beside what was seen of others. */
const faded = (floor: number, what: keyof typeof FADED_FLOORS, blocks: number) =>
  Math.max(FADED_FLOORS[what], (floor * FLOOR_BLOCKS) / (FLOOR_BLOCKS + blocks));

const otherThan = (type: Source['type']) => (type === 'actor' ? 'address' : 'actor');

const isUnwitnessed = (measure: number, { type }: Source, endpoint: Everyone) =>
  blocksOf(measure, type, endpoint) < LEAST_WITNESSES && blocksOf(measure, otherThan(type), endpoint) < LEAST_WITNESSES;

/** Of the source's own sort; where that is hardly seen here, of the other. */
function statisticOf(measure: number, type: Source['type'], first: boolean, endpoint: Everyone): MeasureStatistic {
  const sort = blocksOf(measure, type, endpoint) >= LEAST_WITNESSES ? type : otherThan(type);
  return endpoint.of(groupOf(measure, sort, first)) ?? NOBODY;
}
