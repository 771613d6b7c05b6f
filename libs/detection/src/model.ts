/**
 * The state of one shard, for all services in it: what the worker and `replay` drive.
 *
 *   assess   judge one log against what was learnt before it            (reads only)
 *            rate/ its pace; detectors: what else it says of its actor   -> accuser.ts -> findings
 *   learn    count it: windows, blocks, levels, what the detectors keep
 *   contributions, taken after each batch, go to the shard of the address, account, credential or endpoint concerned
 *   absorb   stage two: what spans actors (second-stage.ts)
 *   settle   by the clock of the events: close blocks of who went idle, end findings of who calmed down
 *   heed     a person's verdict comes back
 *
 * The model of a rate is a discounted Gamma-Poisson with the population as prior (statistics/baseline.ts). Constants and
 * the reason of each are in the constants.ts of each folder. State is bounded (entities/roster.ts), and is written behind
 * and restored entity by entity.
 */
import type { RequestLog, Settings, VerdictReport } from '@plimsoll/contracts';
import { Accuser, type Charge } from './accuser.js';
import { Ahead } from './ahead.js';
import type { Assessment } from './assessment.js';
import { MAX_ENDPOINTS, MAX_ENTITIES } from './constants.js';
import type { Contribution, Population, Surge, UsualTraffic } from './contribution.js';
import { Pulses } from './crowd/pulses.js';
import type { Detector, Late } from './detector.js';
import { detectorsOf } from './detectors.js';
import { type Source, sourceKey, sourceOfKey } from './entities/sources.js';
import { fromBytes, isRead, toBytes } from './entities/text-bytes.js';
import { Episodes, episodeKey } from './episodes.js';
import type { Excess } from './excess.js';
import type { Finding } from './finding.js';
import { Judged, NOTHING } from './judged.js';
import { Commons } from './objects/norms.js';
import { Learner } from './rate/learner.js';
import { secondOf } from './rate/windows.js';
import { rulesOf, type Tuning } from './rules.js';
import { SecondStage } from './second-stage.js';
import { Tolerances } from './tolerances.js';
import type { Visit } from './visit.js';

export interface ModelOptions {
  /** Pairs of actor and endpoint; the least valuable is evicted, and counted. */
  maxEntities?: number;
}

export class Model {
  readonly #episodes = new Episodes();
  readonly #tolerances = new Tolerances();
  readonly #accuser = new Accuser(this.#episodes, this.#tolerances);
  readonly #commons = new Commons();
  readonly #learner: Learner;
  readonly #detectors: readonly Detector[];
  readonly #stage: SecondStage;
  readonly #pulses = new Pulses();
  readonly #ahead = new Ahead((visits) => {
    this.#learner.places.find(visits);
    for (const detector of this.#detectors) detector.read?.(visits);
  });
  /** Stored keys of sources that are gone. */
  readonly #gone = new Set<string>();
  /** Stored entities that could not be read: of another version, or damaged. */
  unreadable = 0;

  constructor({ maxEntities = MAX_ENTITIES }: ModelOptions = {}) {
    this.#learner = new Learner({
      maxPairs: Math.max(1, maxEntities),
      maxEndpoints: MAX_ENDPOINTS,
      isOpen: (kind, { service, past, type, id }, { name }) =>
        this.#episodes.has(episodeKey(kind, service, past, type, id, name)),
    });
    this.#detectors = detectorsOf(maxEntities, this.#commons);
    this.#stage = new SecondStage(maxEntities, this.#accuser, this.#commons);
    this.#learner.sources.onGone.push((source) => this.#forget(source));
  }

  /** Entities held: pairs, and addresses and accounts under watch. */
  get size(): number {
    return this.#learner.size + this.#stage.size;
  }

  /** Entities forgotten for want of room. */
  get evicted(): number {
    return this.#learner.evicted + this.#tolerances.evicted + this.#stage.evicted;
  }

  /** What did not fit elsewhere: endpoints beyond the cap, findings beyond those that may be open. */
  get overflowed(): number {
    return this.#learner.overflowed + this.#episodes.suppressed + this.#stage.overflowed;
  }

  /**
   * The logs of a batch, in the order in which they will be assessed: they are looked up together, which is much quicker than
   * one after another (ahead.ts). Need not be said, and changes nothing.
   */
  expect(service: string, logs: readonly RequestLog[], endpoints: readonly string[]): void {
    this.#ahead.expect(service, logs, endpoints);
  }

  /**
   * Judges a log against everything learnt before it. Changes nothing.
   * @param endpoint `METHOD /route/:param`, from `Templates`
   */
  assess(service: string, log: RequestLog, endpoint: string, settings: Settings): Assessment {
    const rules = rulesOf(settings);
    const ahead = this.#ahead.take(service, log, endpoint);
    const visit = ahead ? this.#learner.places.renew(ahead) : this.#learner.places.visit(service, log, endpoint);
    if (rules.allows(log)) return new Judged(visit, rules, undefined, undefined);
    const tuning = rules.at(log, endpoint);
    const pace = this.#learner.judge(visit, tuning.sensitivity);
    let charges = NOTHING;
    let window: number | undefined;
    if (pace && !this.#accuser.isHeld(visit)) {
      charges = this.#charged(charges, pace.excess, visit, tuning);
      if (charges.length > 0) window = pace.window;
    }
    for (const detector of this.#detectors) {
      const excess = detector.judge(visit, rules, tuning);
      if (excess) charges = this.#charged(charges, excess, visit, tuning);
    }
    return new Judged(visit, rules, charges, window);
  }

  /** Counts a log. What was flagged or refused by the bouncer is counted, but not learnt as normal. */
  learn(assessment: Assessment): void {
    if (!(assessment instanceof Judged)) throw new TypeError('learn takes what assess of a model returned');
    const { visit, rules, charges, window } = assessment;
    if (charges === undefined) return; // On the allow-list: neither accused nor anybody's norm.
    if (visit.past) this.#episodes.observe(visit.log.ts);
    const seen = this.#learner.learn(visit, window);
    const charged = charges.length > 0 || visit.log.verdict !== 'allow';
    for (const detector of this.#detectors) detector.learn(seen, rules, charged);
    if (!visit.past) this.#pulses.count(seen);
    this.#stage.credentials.note(seen);
    for (const charge of charges) this.#accuser.note(charge);
  }

  /** What the logs learnt since the last take leave for other entities: to be absorbed by the model of their shard. */
  takeContributions(): Contribution[] {
    const taken = this.#learner.ledger.take();
    const append = (more: readonly Contribution[]) => {
      for (const contribution of more) taken.push(contribution);
    };
    for (const detector of this.#detectors) if (detector.takeContributions) append(detector.takeContributions());
    append(this.#pulses.take());
    append(this.#stage.credentials.take());
    return taken;
  }

  /** Stage two: takes in what other shards' logs say about an entity of this one. */
  absorb(contribution: Contribution, settings: Settings): Finding[] {
    const rules = rulesOf(settings);
    if (rules.allowsSubject(contribution.entity, contribution.id)) return [];
    return this.#stage.absorb(contribution, rules);
  }

  /** Moves the clock of the events to `now` (ms): tells what waited for it, ends findings of who has calmed down, closes blocks of who went idle. */
  settle(now: number): Finding[] {
    const second = secondOf(now);
    this.#learner.settle(second, secondOf(this.#episodes.pastClock));
    for (const detector of this.#detectors) detector.settle?.(second);
    this.#pulses.settle(now);
    const told: Finding[] = [];
    for (const detector of this.#detectors)
      if (detector.due) for (const late of detector.due(second)) told.push(...this.#tell(late));
    const ended = this.#episodes.settle(now);
    this.#stage.pardon(ended);
    return [...told, ...ended];
  }

  /** A person's verdict about an alert of this shard's models. Nothing happens twice: the caller hands each over once. */
  heed(verdict: VerdictReport): void {
    const { service, kind, subject, endpoint, historical } = verdict;
    for (const where of endpoint === null ? [''] : [endpoint, '']) {
      const key = episodeKey(kind, service, historical, subject.type, subject.id, where);
      const reach = Math.max(verdict.reach ?? 1, this.#episodes.standing(key)?.reach ?? 1);
      this.#tolerances.heed(key, { ...verdict, reach });
    }
    const { type, id } = subject;
    const source = type === 'actor' || type === 'address' ? this.#learner.sources.find(service, type, id, historical) : undefined;
    this.#learner.heed(verdict, source);
    for (const detector of this.#detectors) detector.heed?.(verdict, source);
    this.#stage.heed(verdict);
  }

  /** All limits of the service are stretched by this factor, at least 1: see `budgetStretch`. */
  stretch(service: string, factor: number): void {
    this.#tolerances.stretch(service, factor);
  }

  /** Populations of this shard's endpoints that changed since the last take. */
  takePopulations(): Population[] {
    return this.#stage.populations.take();
  }

  /** The prior for everybody on an endpoint. Every shard's model is given it. */
  setPopulation(population: Population): void {
    this.#learner.setPopulation(population);
    const fresh = this.#commons.take(population);
    for (const detector of this.#detectors) detector.setPopulation?.(population, fresh);
  }

  /** Endpoints of this shard's services on which people are above the usual, where it changed since the last take. */
  takeSurges(): Surge[] {
    return this.#stage.levels.take();
  }

  /** What is usual of this shard's services as a whole, where it changed since the last take. For people; no model needs it. */
  takeUsual(): UsualTraffic[] {
    return this.#stage.takeUsual();
  }

  /** How far everybody on an endpoint is above the usual. Every shard's model is given it. */
  setSurge(surge: Surge): void {
    this.#learner.setSurge(surge);
  }

  /** What changed since the last take, by entity: to be written behind. First byte of a state: its version. */
  takeChanges(): { puts: [key: string, state: Uint8Array][]; deletes: string[] } {
    const puts: [string, Uint8Array][] = [];
    const deletes: string[] = [];
    const into = (part: string) => ({
      put: (key: string, state: unknown) => puts.push([part + key, toBytes(state)]),
      putBytes: (key: string, state: Uint8Array) => puts.push([part + key, state]),
      remove: (key: string) => deletes.push(part + key),
    });
    this.#learner.takeChanges(puts, deletes, into('e').put);
    for (const detector of this.#detectors) {
      const { part } = detector;
      const back = new Set<string>();
      detector.takeChanges((whose, state) => {
        const key = typeof whose === 'string' ? whose : sourceKey(whose);
        back.add(key);
        into(part).put(key, state);
      });
      for (const key of this.#gone) if (!back.has(key)) deletes.push(part + key);
    }
    this.#gone.clear();
    const parts = { t: this.#tolerances, f: this.#episodes };
    for (const [part, keeper] of Object.entries(parts)) keeper.takeChanges(into(part).put, into(part).remove);
    this.#pulses.takeChanges(into('u').put);
    this.#stage.takeChanges(into);
    return { puts, deletes };
  }

  /** Takes over what was written behind. What cannot be read is left out and counted in `unreadable`. */
  restore(entries: Iterable<[key: string, state: Uint8Array]>): void {
    const pairs: [string, Uint8Array][] = [];
    const rest: [string, Uint8Array][] = [];
    for (const entry of entries) {
      if (entry[0].startsWith('r')) pairs.push(entry);
      else if (this.#detectors.some(({ part }) => entry[0].startsWith(part))) rest.push(entry);
      else if (!isRead(() => this.#load(...entry))) this.unreadable += 1;
    }
    // Pairs later: an open finding pins its pair, so that a smaller cap evicts others. Then what hangs on their sources.
    for (const [key, state] of pairs) if (!this.#learner.load(key, state)) this.unreadable += 1;
    for (const [key, state] of rest) if (!isRead(() => this.#loadDetector(key, state))) this.unreadable += 1;
  }

  #tell({ excess, occasion, tuning }: Late): Finding[] {
    const charge = this.#accuser.judge(excess, occasion, tuning);
    if (charge) this.#accuser.note(charge);
    return charge?.finding ? [charge.finding] : [];
  }

  #charged(charges: Charge[], excess: Excess, { service, log, past }: Visit, tuning: Tuning): Charge[] {
    const charge = this.#accuser.judge(excess, { service, ts: log.ts, logId: log.id, past }, tuning);
    return charge ? [...charges, charge] : charges;
  }

  #forget(source: Source): void {
    if (this.#detectors.length === 0) return;
    this.#gone.add(sourceKey(source));
    this.#pulses.forget(source);
    for (const detector of this.#detectors) detector.forget(source);
  }

  #load(key: string, bytes: Uint8Array): boolean {
    const [part, name] = [key.slice(0, 1), key.slice(1)];
    const staged = this.#stage.load(part, name, bytes);
    if (staged !== undefined) return staged;
    const state = fromBytes(bytes);
    if (part === 't') return this.#tolerances.load(name, state);
    if (typeof state !== 'object' || state === null) return false;
    if (part === 'e') return this.#learner.loadEndpoint(name, state);
    if (part === 'u') return this.#pulses.load(name, state);
    if (part !== 'f') return false;
    this.#episodes.load(name, state);
    return true;
  }

  /** A source that is gone takes what was stored of it along. */
  #loadDetector(key: string, bytes: Uint8Array): boolean {
    const detector = this.#detectors.find(({ part }) => key.startsWith(part));
    const name = sourceOfKey(key.slice(1));
    const state = fromBytes(bytes);
    if (!detector || state === undefined) return false;
    const source = name && this.#learner.sources.find(name.service, name.type, name.id, name.past);
    if (source) detector.load(source, state);
    else if (!name) detector.loadNamed?.(key.slice(1), state);
    return name !== undefined || detector.loadNamed !== undefined;
  }
}
