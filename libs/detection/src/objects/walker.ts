/**
 * Kinds `enumeration` and `scraping`: who opens object after object that it never opened before.
 *
 *   object    what stands at the parameters of an endpoint (course.ts); new where the source has not met it (footprints.ts)
 *   measures  new objects in ten minutes, an hour, a day; those of them that were refused (403, 404, 410); the longest run of
 *             neighbouring ids (constants.ts)
 *   learnt    the peak of each in the closed hours and days of a source, and of everyone on the endpoint (walk-blocks.ts)
 *   limit     walk-limits.ts; judged only at a request for a new object, so that who stops walking is let go at once
 *
 * State: a record a source and endpoint (walks.ts), and since when the source is known. What was over a limit is not learnt,
 * but remembered: the same again is no news.
 */
import type { RequestLog, VerdictReport } from '@plimsoll/contracts';
import type { Contribution } from '../contribution.js';
import type { Detector } from '../detector.js';
import type { Source } from '../entities/sources.js';
import type { Excess } from '../excess.js';
import type { Rules, Tuning } from '../rules.js';
import { floorAt } from '../statistics/baseline.js';
import type { Seen, Visit } from '../visit.js';
import { ACQUAINTED_SECONDS, FADED_FLOORS, MAX_WALKS, MEASURES } from './constants.js';
import { Footprints } from './footprints.js';
import { type Commons, NormLedger } from './norms.js';
import { RUN, Steps } from './steps.js';
import { loadWords, readSource, type StoredSource, storedWords, VERSION } from './stored-walk.js';
import { type Trail, Trails } from './trails.js';
import { noteCharge, WalkBlocks } from './walk-blocks.js';
import { type Standpoint, WalkLimits } from './walk-limits.js';
import { type Over, walkExcess } from './walk-words.js';
import { CHARGED, ENDPOINT, FILLED, LAST, measureAt, PEAK, TOLD, Walks, WORDS } from './walks.js';

/** The smallest floor: a walk that has met fewer objects is not looked at. */
const LEAST = Math.min(...MEASURES.map(({ floor }) => floor[0]));
const FLOORS = MEASURES.map(({ floor, what }) => (what === 'objects' ? floor[0] : FADED_FLOORS[what]));
const LEAST_REFUSED = Math.min(...FLOORS);
/** Without one of these above its floor, nothing is. */
const HOURLY = MEASURES.findIndex(({ what, windowSeconds }) => what === 'objects' && windowSeconds === 3600);
const PACES = [HOURLY, RUN, MEASURES.findIndex(({ block }) => block === 'day')];
const REFUSALS = new Set([403, 404, 410]);

interface Known {
  source: Source;
  /** Second when it was first seen. */
  since: number;
  /** Changed since the last take. */
  dirty: boolean;
}

export class Walker implements Detector {
  readonly part = 'o';
  readonly #walks: Walks;
  readonly #footprints = new Footprints(() => this.#walks);
  readonly #steps: Steps;
  readonly #limits: WalkLimits;
  readonly #blocks: WalkBlocks;
  readonly #trails: Trails;
  readonly #ledger = new NormLedger();
  /** By the source's index. */
  readonly #known: (Known | undefined)[] = [];
  #dirty: Known[] = [];
  /** The visit judged last, where something was over. */
  #over: Visit | undefined;

  constructor(commons: Commons, maxWalks = MAX_WALKS) {
    this.#trails = new Trails(commons);
    this.#walks = new Walks(maxWalks, (slot) => this.#footprints.drop(slot));
    this.#steps = new Steps(this.#walks);
    this.#limits = new WalkLimits(this.#walks, this.#steps);
    this.#blocks = new WalkBlocks({
      walks: this.#walks,
      steps: this.#steps,
      limits: this.#limits,
      trails: this.#trails,
      ledger: this.#ledger,
      sourceAt: (index) => this.#known[index]?.source,
      isNewcomer: (source, second) => this.#isNewcomer(source, second),
      changed: (source) => this.#touch(source),
    });
  }

  judge(visit: Visit, _rules: Rules, tuning: Tuning): Excess | undefined {
    this.#over = undefined;
    const { endpoint, source, log } = visit;
    const trail = endpoint && source && this.#trails.of(endpoint);
    if (!trail || !source) return undefined;
    const slot = this.#walks.find(source.index, trail.index);
    const least = floorAt(isRefused(log) ? LEAST_REFUSED : LEAST, tuning.sensitivity);
    if (slot < 0 || (this.#walks.words[slot * WORDS + FILLED] ?? 0) < least - 1) return undefined;
    const position = this.#steps.positionOf(slot, visit.second);
    trail.course.read(log.path);
    const { hash } = trail.course;
    if (hash === 0 || this.#footprints.has(slot, hash)) return undefined;
    const newcomer = this.#isNewcomer(source, position);
    const standpoint = { source, endpoint: trail.everyone, position, newcomer, sensitivity: tuning.sensitivity };
    const over = this.#judge(slot, trail, isRefused(log), standpoint, tuning);
    if (!over) return undefined;
    this.#over = visit;
    return walkExcess(over, trail, log, standpoint);
  }

  learn(seen: Seen, _rules: Rules, charged: boolean): void {
    const { endpoint, source, log, second, past } = seen;
    const trail = this.#trails.of(endpoint);
    if (!trail) return;
    trail.course.read(log.path);
    const { hash, number } = trail.course;
    // One request is no walk: a record is begun with the second, so that those who come once take no room; with the first of the
    // few that are refused.
    const slot = hash === 0 ? -1 : this.#slotOf(source, trail, second, seen.slot >= 0 || isRefused(log));
    if (slot < 0) return;
    if (past) this.#blocks.turn(second, true);
    const position = this.#steps.positionOf(slot, second);
    this.#blocks.enter(slot, position, past);
    this.#touch(source);
    if (charged) this.#blocks.taint(slot, log.verdict !== 'allow');
    if (charged && this.#over === seen) noteCharge(this.#walks, slot, position);
    if (this.#footprints.has(slot, hash)) {
      this.#steps.comeBack(slot, hash, 1);
      return;
    }
    const weight = this.#footprints.weight(slot);
    this.#steps.comeBack(slot, hash, 1 - weight);
    this.#steps.count(slot, weight, isRefused(log), number, charged);
    this.#footprints.add(slot, hash);
  }

  takeContributions(): Contribution[] {
    return this.#ledger.take();
  }

  settle(second: number): void {
    this.#blocks.turn(second, false);
  }

  /** What was said to be right or expected is no news any more; a confirmed attack is news again when it comes back. */
  heed({ kind, endpoint, verdict }: VerdictReport, source: Source | undefined): void {
    if (!source || (kind !== 'enumeration' && kind !== 'scraping')) return;
    const { words, floats } = this.#walks;
    for (const slot of this.#walks.slotsOf(source.index)) {
      const at = slot * WORDS;
      if (endpoint !== null && this.#trails.at(words[at + ENDPOINT] ?? 0)?.name !== endpoint) continue;
      for (let measure = 0; measure < MEASURES.length; measure += 1) {
        const start = at + measureAt(measure);
        const present = this.#steps.countAt(slot, measure, words[at + LAST] ?? 0);
        const level = Math.max(floats[start + TOLD] ?? 0, floats[start + PEAK] ?? 0, present);
        floats[start + TOLD] = verdict === 'true-positive' ? 0 : level;
      }
      if (verdict === 'expected-change') words[at + CHARGED] = 0;
    }
    this.#touch(source);
  }

  forget(source: Source): void {
    this.#walks.forget(source.index);
    this.#known[source.index] = undefined;
  }

  takeChanges(put: (source: Source, state: unknown) => void): void {
    for (const known of this.#dirty) {
      const { source, since } = known;
      known.dirty = false;
      if (this.#known[source.index] !== known) continue;
      const slots = this.#walks.slotsOf(source.index);
      const walks = slots.flatMap((slot) => {
        const name = this.#trails.at(this.#walks.words[slot * WORDS + ENDPOINT] ?? 0)?.name;
        const wide = this.#footprints.stored(slot);
        return name === undefined ? [] : [{ e: name, w: storedWords(this.#walks, slot), ...(wide ? { f: wide } : {}) }];
      });
      const state: StoredSource = { v: VERSION, s: since, w: walks };
      put(source, state);
    }
    this.#dirty = [];
  }

  load(source: Source, state: unknown): void {
    const stored = readSource(state);
    if (!stored) throw new TypeError('a walk of another version');
    this.#known[source.index] = { source, since: stored.s, dirty: false };
    for (const { e, w, f } of stored.w) {
      const trail = this.#trails.named(source.service, e);
      const slot = trail ? this.#slotOf(source, trail, stored.s, true) : -1;
      if (slot < 0) continue;
      loadWords(this.#walks, slot, w);
      if (f !== undefined) this.#footprints.load(slot, f);
      for (const block of ['hour', 'day'] as const)
        if (this.#steps.isOpen(slot, block)) this.#blocks.await(slot, block, source.past);
    }
  }

  /** The measure that is furthest beyond its limit. */
  #judge(slot: number, trail: Trail, refused: boolean, standpoint: Standpoint, tuning: Tuning): Over | undefined {
    const { position, sensitivity } = standpoint;
    const weight = this.#footprints.weight(slot);
    const least = (measure: number) => this.#least(measure, refused, sensitivity);
    if (!PACES.some((measure) => this.#steps.countAt(slot, measure, position) + weight > least(measure))) return undefined;
    let worst: Over | undefined;
    for (let measure = 0; measure < MEASURES.length; measure += 1) {
      const { kind, what, windowSeconds } = MEASURES[measure] ?? MEASURES[0]!;
      if (tuning.kinds[kind] === 'off') continue;
      const added = this.#steps.added(slot, measure, weight, refused, trail.course.number);
      const observed = this.#steps.countAt(slot, measure, position) + added;
      if (added === 0 || observed <= floorAt(FLOORS[measure] ?? 0, sensitivity)) continue;
      if (!this.#limits.isSettled(measure, standpoint)) continue;
      const yardstick = this.#limits.yardstick(slot, measure, standpoint);
      if (observed < yardstick.limit + 1) continue;
      if (worst && observed / yardstick.limit <= worst.observed / worst.limit) continue;
      const counts = this.#countsIn(slot, windowSeconds, position);
      const refusals = counts.refused + (refused && what !== 'run' ? weight : 0);
      worst = { ...yardstick, measure, observed, objects: counts.objects + weight, refused: refusals };
    }
    return worst;
  }

  /** Objects and refusals in the measures of one window; refusals of a day are not counted. */
  #countsIn(slot: number, windowSeconds: number, position: number): { objects: number; refused: number } {
    const of = (what: 'objects' | 'refused') => {
      const measure = MEASURES.findIndex((each) => each.what === what && each.windowSeconds === windowSeconds);
      return measure < 0 ? 0 : this.#steps.countAt(slot, measure, position);
    };
    return { objects: of('objects'), refused: of('refused') };
  }

  /** Where a measure begins to be looked at: refusals are objects, too. */
  #least(measure: number, refused: boolean, sensitivity: number): number {
    const hourly = refused ? LEAST_REFUSED : LEAST;
    return floorAt(measure === HOURLY ? hourly : (FLOORS[measure] ?? 0), sensitivity);
  }

  #slotOf(source: Source, trail: Trail, second: number, begin: boolean): number {
    const known = this.#walks.find(source.index, trail.index);
    if (known >= 0) return known;
    this.#known[source.index] ??= { source, since: second, dirty: false };
    if (!begin) return -1;
    const slot = this.#walks.add(source.index, trail.index);
    if (slot >= 0) this.#walks.words[slot * WORDS + LAST] = second;
    return slot;
  }

  #touch({ index }: Source): void {
    const known = this.#known[index];
    if (!known || known.dirty) return;
    known.dirty = true;
    this.#dirty.push(known);
  }

  #isNewcomer(source: Source, second: number): boolean {
    return second - (this.#known[source.index]?.since ?? second) < ACQUAINTED_SECONDS;
  }
}

function isRefused({ status, verdict }: RequestLog): boolean {
  return verdict === 'allow' && REFUSALS.has(status);
}
