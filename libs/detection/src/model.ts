/**
 * The state of one shard, for all services in it: what the worker and `replay` drive.
 *
 *   assess   judge one log against what was learnt before it            (rate.ts; reads only)
 *   learn    count it: windows, blocks, the endpoint's level            (windows.ts, level.ts, ledger.ts)
 *   contributions, taken after each batch, go to the shard of the address, account or endpoint concerned
 *   absorb   stage two: addresses and accounts under watch, populations (watch.ts, populations.ts)
 *   settle   by the clock of the events: close blocks of who went idle, end findings of who calmed down
 *
 * The model of a rate is a discounted Gamma-Poisson with the population as prior (baseline.ts); its constants and the
 * reason of each are in constants.ts. State is bounded (roster.ts), and is written behind and restored entity by entity.
 */
import type { RequestLog, Settings } from '@plimsoll/contracts';
import type { Assessment } from './assessment.js';
import { MAX_ENDPOINTS, MAX_ENTITIES, WATCH_SHARE } from './constants.js';
import type { Contribution, Population } from './contribution.js';
import { Episodes, episodeKey } from './episodes.js';
import type { Finding } from './finding.js';
import { Learner } from './rate/learner.js';
import { Populations } from './rate/populations.js';
import { rateFinding, rateSeverity } from './rate/rate.js';
import { worst } from './severity.js';
import { isPast, sourceOf } from './entities/sources.js';
import { fromBytes, toBytes } from './entities/text-bytes.js';
import { Watch } from './watch/watch.js';
import { secondOf } from './rate/windows.js';

export interface ModelOptions {
  /** Pairs of actor and endpoint; the least valuable is evicted, and counted. */
  maxEntities?: number;
}

/** An assessment that knows where it came from; what the caller sees of it is the interface. */
class Judged implements Assessment {
  constructor(
    readonly service: string,
    readonly log: RequestLog,
    readonly endpoint: string,
    readonly findings: Finding[],
    readonly flagged: boolean,
    /** Key of the finding, open or not, that the log belongs to. */
    readonly episode?: string,
    /** The window whose limit it crossed. */
    readonly window?: number,
  ) {}
}

const NONE: Finding[] = [];

export class Model {
  readonly #learner: Learner;
  readonly #episodes = new Episodes();
  readonly #watch: Watch;
  readonly #populations: Populations;
  /** Stored entities that could not be read: of another version, or damaged. */
  unreadable = 0;

  constructor({ maxEntities = MAX_ENTITIES }: ModelOptions = {}) {
    this.#learner = new Learner({
      maxPairs: Math.max(1, maxEntities),
      maxEndpoints: MAX_ENDPOINTS,
      pinned: ({ service, past, type, id }, { name }) => this.#episodes.has(episodeKey('rate', service, past, type, id, name)),
    });
    this.#watch = new Watch(Math.max(100, Math.floor(maxEntities * WATCH_SHARE)), this.#episodes);
    this.#populations = new Populations(MAX_ENDPOINTS);
  }

  /** Entities held: pairs, and addresses and accounts under watch. */
  get size(): number {
    return this.#learner.size + this.#watch.size;
  }

  /** Entities forgotten for want of room. */
  get evicted(): number {
    return this.#learner.evicted + this.#watch.evicted;
  }

  /** What did not fit elsewhere: endpoints beyond the cap, findings beyond those that may be open. */
  get overflowed(): number {
    return this.#learner.overflowed + this.#populations.overflowed + this.#episodes.suppressed;
  }

  /**
   * Judges a log against everything learnt before it. Changes nothing.
   * @param endpoint `METHOD /route/:param`, from `Templates`
   */
  assess(service: string, log: RequestLog, endpoint: string, settings: Settings): Assessment {
    const excess = this.#learner.judge(service, log, endpoint, settings);
    if (!excess) return new Judged(service, log, endpoint, NONE, false);
    const { window } = excess.excess;
    const source = sourceOf(log);
    const episode = episodeKey('rate', service, isPast(log), source.type, source.id, excess.endpoint.name);
    const standing = this.#episodes.standing(episode);
    const severity = worst(rateSeverity(excess.excess), standing?.severity);
    const phase = this.#episodes.phaseOf(episode, log.ts, severity);
    if (!phase) return new Judged(service, log, endpoint, NONE, true, episode, window);
    const finding = rateFinding(excess.excess, {
      service,
      log,
      endpoint: excess.endpoint,
      source,
      phase,
      severity,
      before: standing?.count ?? 0,
      logId: standing?.logId ?? log.id,
      peaks: this.#learner.peaks(excess, log),
    });
    return new Judged(service, log, endpoint, [finding], true, episode, window);
  }

  /** Counts a log. What was flagged or refused by the bouncer is counted, but not learnt as normal. */
  learn(assessment: Assessment): void {
    const { service, log, endpoint, flagged } = assessment;
    const past = isPast(log);
    if (past) this.#episodes.observe(log.ts);
    const judged = assessment instanceof Judged ? assessment : undefined;
    this.#learner.learn(service, log, endpoint, flagged ? (judged?.window ?? 0) : undefined);
    if (judged?.episode === undefined) return;
    this.#episodes.note(judged.episode, log.ts, 1, judged.findings[0], past);
  }

  /** What the logs learnt since the last take leave for other entities: to be absorbed by the model of their shard. */
  takeContributions(): Contribution[] {
    return this.#learner.ledger.take();
  }

  /** Stage two: takes in what other shards' logs say about an entity of this one. */
  absorb(contribution: Contribution, settings: Settings): Finding[] {
    if (contribution.entity !== 'endpoint') return this.#watch.absorb(contribution, settings);
    this.#populations.absorb(contribution);
    return [];
  }

  /** Moves the clock of the events to `now` (ms): ends findings of who has calmed down, closes blocks of who went idle. */
  settle(now: number): Finding[] {
    this.#learner.settle(secondOf(now), secondOf(this.#episodes.pastClock));
    const ended = this.#episodes.settle(now);
    for (const finding of ended) if (finding.kind !== 'rate') this.#watch.pardon(finding);
    return ended;
  }

  /** Populations of this shard's endpoints that changed since the last take. */
  takePopulations(): Population[] {
    return this.#populations.take();
  }

  /** The prior for everybody on an endpoint. Every shard's model is given it. */
  setPopulation(population: Population): void {
    this.#learner.setPopulation(population);
  }

  /** What changed since the last take, by entity: to be written behind. First byte of a state: its version. */
  takeChanges(): { puts: [key: string, state: Uint8Array][]; deletes: string[] } {
    const puts: [string, Uint8Array][] = [];
    const deletes: string[] = [];
    const into = (part: string) => ({
      put: (key: string, state: unknown) => puts.push([part + key, toBytes(state)]),
      remove: (key: string) => deletes.push(part + key),
    });
    this.#learner.takeChanges(puts, deletes, into('e').put);
    const watch = into('w');
    this.#watch.takeChanges(watch.put, watch.remove);
    const episodes = into('f');
    this.#episodes.takeChanges(episodes.put, episodes.remove);
    this.#populations.takeChanges(into('p').put);
    return { puts, deletes };
  }

  /** Takes over what was written behind. What cannot be read is left out and counted in `unreadable`. */
  restore(entries: Iterable<[key: string, state: Uint8Array]>): void {
    const late: [string, Uint8Array][] = [];
    for (const entry of entries) {
      if (entry[0].startsWith('r')) late.push(entry);
      else if (!this.#load(entry[0], entry[1])) this.unreadable += 1;
    }
    // Pairs last: an open finding pins its pair, so that a smaller cap evicts others.
    for (const [key, state] of late) if (!this.#learner.load(key, state)) this.unreadable += 1;
  }

  #load(key: string, bytes: Uint8Array): boolean {
    const state = fromBytes(bytes);
    if (typeof state !== 'object' || state === null) return false;
    const part = key[0];
    const name = key.slice(1);
    if (part === 'e') return this.#learner.loadEndpoint(name, state);
    if (part === 'w') this.#watch.load(state);
    else if (part === 'f') this.#episodes.load(name, state);
    else if (part === 'p') this.#populations.load(name, state);
    else return false;
    return true;
  }
}
