/**
 * Learning from single logs: counts each in the windows of its pair, closes blocks and keeps what they teach the pair and
 * its endpoint's population, follows the endpoint's present level. Judging a count lies in rate.ts, room in shelf.ts.
 * What fails where people sign in is stage two's alone (watch.ts): one behaviour, one alert.
 */
import type { RequestLog, Settings } from '@plimsoll/contracts';
import { ownWeight } from '../statistics/baseline.js';
import { WINDOWS } from '../constants.js';
import type { Population } from '../contribution.js';
import type { Endpoint } from '../entities/endpoints.js';
import { failed, Ledger, noteworthy } from '../ledger.js';
import { QUIET } from './level.js';
import { type Excess, Rate } from './rate.js';
import { Shelf, type ShelfOptions } from './shelf.js';
import { isPast, type Source, sourceOf } from '../entities/sources.js';
import { Wheel } from './wheel.js';
import { blockEnd, blockOf, secondOf, type Taint } from './windows.js';

export interface Judgement {
  excess: Excess;
  endpoint: Endpoint;
  slot: number;
}

/** Where a log is counted; `slot` is -1 where it is to be looked up or made. */
interface Place {
  endpoint: Endpoint;
  source: Source;
  slot: number;
}

/** Logs that come after their block was closed by the clock would open it again: a little patience for the usual delay. */
const GRACE_SECONDS = 5;
/** Pairs of one source that are walked for its request counts. */
const MAX_WALK = 64;

export class Learner {
  readonly ledger = new Ledger();
  readonly #shelf: Shelf;
  readonly #rate: Rate;
  readonly #live = new Wheel();
  readonly #past = new Wheel();
  /** Of the last judgement, until something is learnt or loaded. */
  #judged: (Place & { log: RequestLog; service: string; name: string }) | undefined;
  readonly #dirtyEndpoints = new Set<Endpoint>();

  constructor(options: Omit<ShelfOptions, 'evicted'>) {
    this.#shelf = new Shelf({ ...options, evicted: (slot) => this.#rate.forget(slot) });
    this.#rate = new Rate(this.#shelf.windows);
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
  judge(service: string, log: RequestLog, name: string, settings: Settings): Judgement | undefined {
    const { sources } = this.#shelf;
    const endpoint = sources.endpoint(service, name);
    if (!endpoint) return undefined; // The first request on an endpoint is not one too many.
    if (endpoint.signIn && failed(log, true)) return undefined;
    const { type, id } = sourceOf(log);
    const source = sources.find(service, type, id, isPast(log));
    const slot = this.#shelf.find(source, endpoint);
    this.#judged = source && { log, service, name, endpoint, source, slot };
    const excess = this.#rate.judge(slot, endpoint, log, settings);
    return excess && { excess, endpoint, slot };
  }

  /** Peaks of the pair's blocks before the log's, in the window that is over its limit. */
  peaks({ excess, slot }: Judgement, log: RequestLog): { ts: number; peak: number }[] {
    return slot < 0 ? [] : this.#shelf.windows.peaks(slot, excess.window, secondOf(log.ts));
  }

  /** `accused`: the window whose limit the log crossed (an index of WINDOWS), undefined where it is ordinary. */
  learn(service: string, log: RequestLog, name: string, accused: number | undefined): void {
    const second = secondOf(log.ts);
    const place = this.#placeOf(service, log, name);
    const { endpoint, source } = place;
    if (log.auth === 'success') this.#signIn(endpoint);
    const what = noteworthy(log, endpoint.signIn);
    if (!what?.failure || !endpoint.signIn) {
      const taint = accused === undefined ? 'none' : 'flagged';
      this.#count(place, second, log.verdict === 'allow' ? taint : 'refused', accused ?? WINDOWS.length);
    }
    if (what) this.ledger.note(service, log, endpoint.name, what, this.#requestsOf(source, second));
  }

  setPopulation(population: Population): void {
    this.#shelf.sources.addEndpoint(population.service, population.endpoint).setPopulation(population);
  }

  /** Closes the blocks that are over, of pairs that went idle. */
  settle(second: number, pastSecond: number): void {
    const close = (slot: number, window: number, block: number) => {
      const { windows } = this.#shelf;
      const endpoint = this.#shelf.endpointOf(slot);
      if (!endpoint || !this.#shelf.sourceOf(slot)) return;
      if (windows.isOpen(slot, window) && windows.lastBlock(slot, window) === block) this.#close(slot, window, endpoint);
    };
    this.#live.turn(second - GRACE_SECONDS, close);
    this.#past.turn(pastSecond - GRACE_SECONDS, close);
  }

  takeChanges(puts: [string, Uint8Array][], deletes: string[], putEndpoint: (key: string, state: unknown) => void): void {
    this.#shelf.takeChanges(puts, deletes);
    for (const endpoint of this.#dirtyEndpoints) putEndpoint(JSON.stringify([endpoint.service, endpoint.name]), endpoint.state());
    this.#dirtyEndpoints.clear();
  }

  /** A stored pair, with its open blocks put back on the wheel. */
  load(key: string, state: Uint8Array): boolean {
    this.#judged = undefined;
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

  /** Mostly the log that was judged just now: its places need no second look-up. */
  #placeOf(service: string, log: RequestLog, name: string): Place {
    const judged = this.#judged;
    this.#judged = undefined;
    if (judged && judged.log === log && judged.service === service && judged.name === name) return judged;
    const { sources } = this.#shelf;
    const endpoint = sources.addEndpoint(service, name);
    const { type, id } = sourceOf(log);
    const past = isPast(log);
    return { endpoint, source: sources.find(service, type, id, past) ?? sources.addSource(service, type, id, past), slot: -1 };
  }

  #wheelOf(source: Source): Wheel {
    return source.past ? this.#past : this.#live;
  }

  #count({ source, endpoint, slot: known }: Place, second: number, taint: Taint, accused: number): void {
    const { windows } = this.#shelf;
    const slot = known >= 0 ? known : this.#shelf.slotOf(source, endpoint);
    const position = windows.positionOf(slot, second);
    for (let window = 0; window < WINDOWS.length; window += 1) {
      const block = blockOf(window, position);
      if (windows.isOpen(slot, window)) {
        if (block === windows.lastBlock(slot, window)) continue;
        this.#close(slot, window, endpoint);
      }
      windows.open(slot, window, position);
      this.#wheelOf(source).add(slot, window, block);
    }
    windows.count(slot, second, taint, accused);
    this.#shelf.touch(slot, second);
    if (!source.past) this.#follow(slot, endpoint, second);
  }

  /**
   * What a closed block teaches: the pair, and strangers the less, the better the pair is known. A flagged block teaches
   * the pair nothing; it only speaks for what most actors do.
   */
  #close(slot: number, window: number, endpoint: Endpoint): void {
    const { windows } = this.#shelf;
    const end = blockEnd(window, windows.lastBlock(slot, window));
    const { peak, taint } = windows.close(slot, window);
    this.#rate.forget(slot);
    this.#shelf.touch(slot, 0);
    if (peak <= 0 || taint === 'refused') return;
    if (taint === 'flagged') {
      const weight = 1 / (1 + windows.flaggedBefore(slot, window)) ** 2;
      this.ledger.block(endpoint.service, endpoint.name, { window, second: end, peak, weight, flagged: true });
      return;
    }
    const weight = 1 - ownWeight(windows.sums(slot, window, end).blocks);
    this.ledger.block(endpoint.service, endpoint.name, { window, second: end, peak, weight, flagged: false });
    windows.learn(slot, window, peak, end);
  }

  #follow(slot: number, endpoint: Endpoint, second: number): void {
    for (let window = 0; window < WINDOWS.length; window += 1) {
      const count = this.#shelf.windows.bucketCount(slot, window, second);
      const usual = count > QUIET ? this.#rate.usual(slot, window, endpoint, second) : 0;
      endpoint.levels[window]?.note(second, count, usual);
    }
    this.#dirtyEndpoints.add(endpoint);
  }

  #signIn(endpoint: Endpoint): void {
    if (endpoint.signIn) return;
    endpoint.signIn = true;
    this.#dirtyEndpoints.add(endpoint);
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
