/**
 * Learning from single logs: counts each in the windows of its pair, closes blocks and keeps what they teach the pair and
 * its endpoint's population, follows the endpoint's present level. Judging a count lies in rate.ts, room in shelf.ts.
 * What fails where people sign in is stage two's alone (watch.ts): one behaviour, one alert.
 */
import type { VerdictReport } from '@plimsoll/contracts';
import { PLAIN_SENSITIVITY, WINDOWS } from '../constants.js';
import type { Population, Surge } from '../contribution.js';
import type { Endpoint } from '../entities/endpoints.js';
import { type Source, type Sources, sourceOf } from '../entities/sources.js';
import type { Excess } from '../excess.js';
import { failed, Ledger, noteworthy } from '../ledger.js';
import { ownWeight } from '../statistics/baseline.js';
import type { Seen, Visit } from '../visit.js';
import { acquaintance } from './acquaintance.js';
import { COLD_LIMITS, FLAGGED_MARGIN, FLAGGED_MOST, FLAGGED_SPAN, FLAGGED_WEIGHT, LEARNT_MOST } from './constants.js';
import { QUIET, SHORTEST_LEVEL, surge } from './level.js';
import { Places } from './places.js';
import { type Over, Rate } from './rate.js';
import { rateExcess } from './rate-words.js';
import { Shelf } from './shelf.js';
import { heedVerdict } from './verdicts.js';
import { Wheel } from './wheel.js';
import { blockEnd, blockOf, secondOf, type Taint } from './windows.js';

export interface RateJudgement {
  excess: Excess;
  /** The window whose limit was crossed: an index of WINDOWS. */
  window: number;
}

export interface LearnerOptions {
  maxPairs: number;
  maxEndpoints: number;
  /** Whether a finding of the kind is open about the pair. */
  isOpen: (kind: 'rate' | 'drift', source: Source, endpoint: Endpoint) => boolean;
}

/** Logs that come after their block was closed by the clock would open it again: a little patience for the usual delay. */
const GRACE_SECONDS = 5;
const LAST_WINDOW = WINDOWS.length - 1;
/** Records that are read at once before they are worked on: so many misses of the caches overlap, and all still fit in. */
const READ_AHEAD = 64;
/** Pairs of one source that are walked for its request counts. */
const MAX_WALK = 64;

export class Learner {
  readonly ledger = new Ledger();
  readonly places: Places;
  readonly #shelf: Shelf;
  readonly #rate: Rate;
  readonly #isOpen: LearnerOptions['isOpen'];
  readonly #live = new Wheel();
  readonly #past = new Wheel();

  constructor({ maxPairs, maxEndpoints, isOpen }: LearnerOptions) {
    this.#isOpen = isOpen;
    this.#shelf = new Shelf({
      maxPairs,
      maxEndpoints,
      pinned: (source, endpoint) => isOpen('rate', source, endpoint) || isOpen('drift', source, endpoint),
      evicted: (slot) => this.#rate.forget(slot),
    });
    this.places = new Places(this.#shelf);
    this.#rate = new Rate(this.#shelf);
  }

  get sources(): Sources {
    return this.#shelf.sources;
  }

  get size(): number {
    return this.#shelf.pairs.count;
  }

  get evicted(): number {
    return this.#shelf.evicted;
  }

  get overflowed(): number {
    return this.#shelf.sources.overflowed;
  }

  /** The most surprising window over its limit. Changes nothing. */
  judge({ log, endpoint, source, slot }: Visit, sensitivity: number): RateJudgement | undefined {
    if (!endpoint) return undefined; // The first request on an endpoint is not one too many.
    if (endpoint.signIn && failed(log, true)) return undefined;
    const over = this.#rate.judge(slot, endpoint, log, sensitivity);
    if (!over) return undefined;
    const kind = this.#kindOf(over, source, endpoint);
    const peaks = () => (slot < 0 ? [] : this.#shelf.windows.peaks(slot, over.window, secondOf(log.ts)));
    return { window: over.window, excess: rateExcess(over, { kind, log, endpoint, source: sourceOf(log), peaks }) };
  }

  /**
   * Counts the log; from then on all its places exist.
   * @param accused the window whose limit it crossed (an index of WINDOWS), undefined where it is ordinary
   */
  learn(visit: Visit, accused: number | undefined): Seen {
    const seen = this.places.settle(visit);
    const { service, log, endpoint, source, second } = seen;
    if (log.auth === 'success') this.#signIn(endpoint);
    const what = noteworthy(log, endpoint.signIn);
    if (!what?.failure || !endpoint.signIn) {
      const taint = accused === undefined ? 'none' : 'flagged';
      const counted = accused ?? (log.status < 400 ? LAST_WINDOW : LAST_WINDOW - 1);
      this.#count(seen, log.verdict === 'allow' ? taint : 'refused', counted);
      if (accused !== undefined && seen.slot >= 0) this.#shelf.copies.keep(seen.slot, second);
    }
    if (what) this.ledger.note(service, log, endpoint.name, what, this.#requestsOf(source, second));
    return seen;
  }

  /** A person's verdict about a pace. Nothing is left to be changed where the pair is not held any more. */
  heed(verdict: VerdictReport, source: Source | undefined): void {
    const endpoint = verdict.endpoint === null ? undefined : this.#shelf.sources.endpoint(verdict.service, verdict.endpoint);
    const slot = endpoint ? this.#shelf.find(source, endpoint) : -1;
    if (slot < 0 || (verdict.kind !== 'rate' && verdict.kind !== 'drift')) return;
    heedVerdict(this.#shelf, slot, verdict);
    this.#rate.forget(slot);
  }

  setPopulation(population: Population): void {
    this.#shelf.sources.addEndpoint(population.service, population.endpoint).setPopulation(population);
  }

  setSurge(surge: Surge): void {
    this.#shelf.sources.addEndpoint(surge.service, surge.endpoint).setSurge(surge);
  }

  /** Closes the blocks that are over, of pairs that went idle. */
  settle(second: number, pastSecond: number): void {
    const close = (slots: readonly number[], window: number, block: number) => {
      for (let from = 0; from < slots.length; from += READ_AHEAD)
        this.#closeIdle(slots.slice(from, from + READ_AHEAD), window, block);
    };
    this.#live.turn(second - GRACE_SECONDS, close);
    this.#past.turn(pastSecond - GRACE_SECONDS, close);
  }

  takeChanges(puts: [string, Uint8Array][], deletes: string[], putEndpoint: (key: string, state: unknown) => void): void {
    this.#shelf.takeChanges(puts, deletes);
    this.#shelf.takeEndpoints(putEndpoint);
  }

  /** A stored pair, with its open blocks put back on the wheel. */
  load(key: string, state: Uint8Array): boolean {
    const slot = this.#shelf.load(key, state);
    const source = slot < 0 ? undefined : this.#shelf.sourceOf(slot);
    if (!source) return false;
    const { windows } = this.#shelf;
    for (let window = 0; window < WINDOWS.length; window += 1) {
      if (windows.isOpen(slot, window)) this.#wheelOf(source).add(slot, window, windows.lastBlock(slot, window));
    }
    return true;
  }

  loadEndpoint(key: string, state: unknown): boolean {
    const [service, name]: unknown[] = JSON.parse(key);
    if (typeof service !== 'string' || typeof name !== 'string') return false;
    this.#shelf.sources.addEndpoint(service, name).load(state);
    return true;
  }

  /** One behaviour, one finding: what is open as one kind goes on as that, however it looks by now. */
  #kindOf({ window, climbing }: Over, source: Source | undefined, endpoint: Endpoint): 'rate' | 'drift' {
    if (window < LAST_WINDOW || !source) return 'rate';
    if (this.#isOpen('drift', source, endpoint)) return 'drift';
    return climbing === true && !this.#isOpen('rate', source, endpoint) ? 'drift' : 'rate';
  }

  #wheelOf(source: Source): Wheel {
    return source.past ? this.#past : this.#live;
  }

  /** Closes the block of those whose newest log lies in it. */
  #closeIdle(slots: readonly number[], window: number, block: number): void {
    const { windows, pairs } = this.#shelf;
    const idle = slots.filter((slot) => windows.isOpen(slot, window) && windows.lastBlock(slot, window) === block);
    pairs.readAhead(idle);
    for (const slot of idle) {
      const endpoint = this.#shelf.endpointOf(slot);
      // A slot that was opened twice for the block is closed once.
      if (endpoint && this.#shelf.sourceOf(slot) && windows.isOpen(slot, window)) this.#close(slot, window, endpoint);
    }
  }

  #count(seen: Seen, taint: Taint, counted: number): void {
    const { source, endpoint, slot: known, second } = seen;
    const { windows } = this.#shelf;
    const slot = known >= 0 ? known : this.#shelf.slotOf(source, endpoint);
    const position = windows.positionOf(slot, second);
    for (let window = 0; window < WINDOWS.length; window += 1) {
      if (windows.isOpen(slot, window)) {
        if (windows.isInBlock(slot, window, position)) continue;
        this.#close(slot, window, endpoint);
      }
      windows.open(slot, window, position);
      this.#wheelOf(source).add(slot, window, blockOf(window, position));
    }
    windows.count(slot, second, taint, counted);
    this.#shelf.touch(slot, second);
    if (!source.past) this.#follow(seen, slot, counted);
  }

  /**
   * What a closed block teaches: the pair, and strangers the less, the better the pair is known. A flagged block teaches
   * the pair little, so that what recurs for long is adopted; to others it only speaks for what most actors do.
   */
  #close(slot: number, window: number, endpoint: Endpoint): void {
    const { windows } = this.#shelf;
    const end = blockEnd(window, windows.lastBlock(slot, window));
    const peak = windows.peakOf(slot, window);
    const taint = windows.close(slot, window);
    this.#rate.forget(slot);
    this.#shelf.touch(slot, 0);
    if (peak <= 0) return;
    if (taint !== 'none') this.#shelf.copies.note(slot, window, peak);
    if (taint === 'refused') return;
    const usual = this.#rate.usual(slot, window, endpoint, end - 1);
    const flagged = taint === 'flagged' ? this.#belief(slot, window, end) : 0;
    if (flagged > 0) {
      const weight = 1 / (1 + windows.flaggedBefore(slot, window)) ** 2;
      this.ledger.blocks.add(endpoint, window, end, peak, weight, true);
      const most = FLAGGED_MOST * Math.max(COLD_LIMITS[endpoint.class][window] ?? 0, usual);
      const span = window > 0 ? FLAGGED_SPAN * windows.greatest(slot, window - 1) : 0;
      windows.learn(slot, window, Math.min(FLAGGED_MARGIN * Math.max(peak, span), most), end, flagged);
    } else {
      const everyone = Math.min(peak, LEARNT_MOST * (1 + (endpoint.means[window] ?? 0)));
      const weight = 1 - ownWeight(windows.blocks(slot, window, end));
      this.ledger.blocks.add(endpoint, window, end, everyone, weight, false);
      windows.learn(slot, window, Math.min(peak, LEARNT_MOST * (1 + usual)), end, 1);
    }
    if (window === LAST_WINDOW) windows.learnLog(slot, peak, flagged > 0 ? flagged : 1);
    if (window === LAST_WINDOW) this.#refer(slot, endpoint, end, flagged);
  }

  /** How far a flagged block is believed. */
  #belief(slot: number, window: number, second: number): number {
    const { known, unknown } = FLAGGED_WEIGHT;
    return unknown + (known - unknown) * this.#acquaintance(slot, window, second);
  }

  #acquaintance(slot: number, window: number, second: number): number {
    const source = this.#shelf.sourceOf(slot);
    return source ? acquaintance(this.#shelf, source, slot, window, second) : 0;
  }

  #refer(slot: number, endpoint: Endpoint, second: number, flagged: number): void {
    this.#shelf.reference.close(slot, {
      second,
      everyone: endpoint.everyone(LAST_WINDOW, 0),
      flagged,
      opening: () => this.#rate.limit(slot, LAST_WINDOW, endpoint, second - 1, PLAIN_SENSITIVITY, 1),
      acquaintance: () => this.#acquaintance(slot, LAST_WINDOW, second),
      newcomer: COLD_LIMITS[endpoint.class][LAST_WINDOW] ?? 0,
    });
    this.#rate.forget(slot);
  }

  /** What the log adds to the endpoint's levels. */
  #follow(seen: Seen, slot: number, counted: number): void {
    const { endpoint, second } = seen;
    for (let window = 0; window <= counted; window += 1) {
      const count = this.#shelf.windows.bucketCount(slot, window, second);
      if (count === 0) continue; // Late: of a bucket that is over for this pair.
      const usual = count > QUIET ? this.#rate.usual(slot, window, endpoint, second) : count;
      endpoint.rushes[window]?.note(second, count, usual);
      if (window < SHORTEST_LEVEL) continue;
      const present = surge(count, usual);
      const more = present - surge(count - 1, usual);
      if (count > 1 && more === 0) continue;
      seen.stirs ??= [];
      seen.stirs.push([window, count <= 1 ? 1 : 0, more, present]);
    }
    this.#shelf.touchEndpoint(endpoint);
  }

  #signIn(endpoint: Endpoint): void {
    if (endpoint.signIn) return;
    endpoint.signIn = true;
    this.#shelf.touchEndpoint(endpoint);
  }

  /** Requests of a source in the last minute and hour: what its misses are measured against. */
  #requestsOf(source: Source, second: number): { minute: number; hour: number } {
    const requests = { minute: 0, hour: 0 };
    for (const slot of this.#shelf.slotsOf(source, MAX_WALK)) {
      requests.minute += this.#shelf.windows.countAt(slot, 1, second);
      requests.hour += this.#shelf.windows.countAt(slot, 2, second);
    }
    return requests;
  }
}
