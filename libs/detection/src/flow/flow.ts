/**
 * Kind `sequence`: steps of a business flow skipped or repeated. A step is a change (POST, PUT, PATCH, DELETE) that worked,
 * by an account.
 *
 *   skipped    at a step, another one is missing since the step was done last (and within four hours) which the settings
 *              declare to come before it, or which practically everyone tries: of 40 samples and more all but 1 in 100.
 *              Steps that are done
 *              all the time (queries, beacons) are none. Declared: at once. Learnt: from the second time in an hour on by who has gone the whole way twice, or goes a
 *              part of it; by others, if they come to many endpoints, from the fourth. A step on money or access that
 *              nobody ever went without: at the first time (news.ts).
 *   repeated   the same step on the same path again, with no request in between (a row) or no other step in between (a
 *              cycle). Repetitions after the first are counts with everyone's posterior (statistics/baseline.ts), never
 *              below what the account did before and half as much again. Only of accounts that come to many endpoints: a
 *              machine with one task repeats it.
 *
 * State: a track an account (track.ts). What everyone does: customs.ts; an actor's samples of a day count 1, 1/4, 1/9, ...
 * A cycle without a step is told to everyone's customs only an hour later, if no alert came of it.
 */
import type { RequestLog, VerdictReport } from '@plimsoll/contracts';
import { PLAIN_SENSITIVITY } from '../constants.js';
import type { Contribution, MeasureStatistic, Population } from '../contribution.js';
import type { Detector, Late } from '../detector.js';
import { classOf, type Endpoint } from '../entities/endpoints.js';
import type { Source } from '../entities/sources.js';
import type { Excess } from '../excess.js';
import { isChange } from '../identity/aims.js';
import { fingerprint } from '../identity/fingerprint.js';
import { Keeper } from '../identity/keeper.js';
import type { Profile } from '../identity/profile.js';
import type { Commons } from '../objects/norms.js';
import type { Rules, Tuning } from '../rules.js';
import type { Seen, Visit } from '../visit.js';
import { Breaches, type Missing } from './breaches.js';
import { DOUBLE_SECONDS, ENTERED_SECONDS, LEAST_WEIGHT, MAX_TRACKS, WINDOW_SECONDS } from './constants.js';
import { Customs } from './customs.js';
import { News } from './news.js';
import { readTrack, storedTrack } from './stored-track.js';
import { countSample, repeatsWith, type Step, sampleWeight, skipsAt, Track } from './track.js';

/** Names of steps that are told; beyond, a missing step has no name. */
const MAX_NAMES = 50_000;

const NOTHING: readonly Late[] = [];

export class Flow implements Detector {
  readonly part = 's';
  readonly #profileOf: (source: Source) => Profile | undefined;
  readonly #tracks: Keeper<Track>;
  readonly #customs: Customs;
  readonly #names = new Map<number, string>();
  readonly #named = new Set<string>();
  readonly #breaches: Breaches;
  readonly #news = new News();
  /** By the endpoint's index; 0 where it is no step. */
  readonly #prints: (number | undefined)[] = [];
  /** The visit judged last, where something was over. */
  #over: Visit | undefined;

  /** @param profileOf what is known of an account: must have counted a log before this detector learns it */
  constructor(commons: Commons, profileOf: (source: Source) => Profile | undefined, maxTracks = MAX_TRACKS) {
    this.#customs = new Customs(commons);
    this.#profileOf = profileOf;
    this.#tracks = new Keeper(maxTracks);
    this.#breaches = new Breaches(this.#customs, (print) => this.#names.get(print));
  }

  judge(visit: Visit, rules: Rules, tuning: Tuning): Excess | undefined {
    this.#over = undefined;
    const { endpoint, source, log } = visit;
    if (!endpoint || source?.type !== 'actor' || !isStep(log)) return undefined;
    const track = this.#tracks.of(source);
    const print = this.#printOf(endpoint);
    if (!track || print === 0) return undefined;
    const profile = this.#profileOf(source);
    const sight = { visit, track, step: track.find(print), name: endpoint.name, profile, tuning };
    const excess = this.#breaches.skipped(sight, rules) ?? this.#breaches.repeated(sight, pathOf(endpoint, log));
    if (excess) this.#over = visit;
    return excess;
  }

  learn(seen: Seen, rules: Rules, charged: boolean): void {
    const { endpoint, source, log, second } = seen;
    if (source.type !== 'actor' || !isTried(log) || log.verdict !== 'allow') return;
    const print = this.#printOf(endpoint);
    if (print === 0) return;
    const track = this.#tracks.of(source) ?? this.#tracks.add(new Track(source, second));
    track.last = Math.max(track.last, second);
    this.#tracks.touch(track);
    this.#release(track, second);
    this.#news.arrive(track, print, second);
    const known = track.find(print);
    if (!isStep(log)) {
      this.#try(track, known ?? track.add(print), log, second);
      return;
    }
    const isDouble = known !== undefined && second - known.second <= DOUBLE_SECONDS;
    const step = known ?? track.add(print);
    const over = charged && this.#over === seen;
    const weight = Math.max(sampleWeight(step, second), LEAST_WEIGHT);
    if (!isDouble) this.#cycle(track, step, seen, rules, charged, over);
    this.#repeat(track, step, seen, over, weight);
    this.#pass(track, step, second);
    track.recent = print;
  }

  takeContributions(): Contribution[] {
    return this.#customs.take();
  }

  setPopulation(population: Population, fresh: readonly MeasureStatistic[]): void {
    this.#customs.setPopulation(population, fresh);
    this.#name(population.endpoint);
  }

  /** Everyone hears of it at once: what breaks for all is told of the first alone. */
  due(second: number): readonly Late[] {
    const due = this.#news.due(second);
    if (due.length === 0) return NOTHING;
    return due.flatMap(({ track, step, awaited }): Late[] => {
      const { service, past } = track.source;
      const name = this.#names.get(step.print);
      this.#tracks.touch(track);
      if (name === undefined || !this.#customs.isUnbroken(service, name, awaited.missing)) return [];
      if (!step.withheld || sampleWeight(step, second, true) < 1) return [];
      this.#sample(step, service, name, second, step.withheld);
      step.withheld = undefined;
      step.told = awaited.missing;
      const excess = this.#breaches.news(track, step, name, awaited);
      const kinds = awaited.monitor ? ({ sequence: 'monitor' } as const) : {};
      const occasion = { service, ts: Math.max(awaited.ts, second * 1000), logId: awaited.logId, past };
      return [{ excess, occasion, tuning: { baseLimit: 0, sensitivity: PLAIN_SENSITIVITY, kinds } }];
    });
  }

  /** What is said to be right or expected is the account's way from now on. */
  heed({ kind, endpoint, verdict }: VerdictReport, source: Source | undefined): void {
    const track = source && this.#tracks.of(source);
    if (!track || kind !== 'sequence' || verdict === 'true-positive') return;
    for (const step of track.steps) {
      if (endpoint !== null && this.#names.get(step.print) !== endpoint) continue;
      step.rowBest = Math.max(step.rowBest, step.row);
      step.cycleBest = Math.max(step.cycleBest, step.cycle);
      step.complete = 0;
      step.skips = 0;
    }
    this.#tracks.touch(track);
  }

  forget(source: Source): void {
    this.#tracks.forget(source);
  }

  takeChanges(put: (source: Source, state: unknown) => void): void {
    for (const track of this.#tracks.takeDirty()) put(track.source, storedTrack(track));
  }

  load(source: Source, state: unknown): void {
    const track = readTrack(source, state);
    this.#tracks.forget(source);
    this.#news.restore(this.#tracks.add(track));
  }

  #pass(track: Track, step: Step, second: number): void {
    track.order += 1;
    step.orderBefore = step.order;
    step.order = track.order;
    step.tried = track.order;
    step.second = second;
  }

  /** A step at which the service broke counts as done: its client may rightly go on. What was refused was only tried. */
  #try(track: Track, step: Step, { status }: RequestLog, second: number): void {
    if (status >= 500) this.#pass(track, step, second);
    track.order += 1;
    step.tried = track.order;
    step.second = second;
  }

  /** A cycle ends at this step: complete, or without something; a sample for everyone. */
  #cycle(track: Track, step: Step, seen: Seen, rules: Rules, charged: boolean, over: boolean): void {
    const { endpoint, second } = seen;
    const { service, name } = endpoint;
    const passed = track.passed(step, second);
    const missing = this.#breaches.missing(track, step, service, name, rules, second);
    if (missing) {
      const skips = skipsAt(step, second);
      if (over && skips > 0 && step.told !== 0) this.#customs.takeBack(service, name, second, step.told);
      step.told = 0;
      if (skips === 0) step.skipsSince = second;
      step.skips = skips + 1;
      step.withheld = over ? undefined : passed;
      if (skips === 0 && !over) this.#consider(track, step, seen, rules, missing);
      return;
    }
    if (passed.length > 0) step.complete += 1;
    if (charged) return;
    if (this.#isWhole(track, step, endpoint, second)) this.#sample(step, service, name, second, passed);
    else this.#customs.meet(service, name, second);
  }

  /**
   * Whether all of the cycle that ends at a step was seen. Asked of when, and never of what was passed: if those who passed
   * something counted at once and others later, everybody would seem to pass it.
   */
  #isWhole({ source, since: met }: Track, step: Step, { service, name }: Endpoint, second: number): boolean {
    if (step.order > 0) return true;
    const since = this.#profileOf(source)?.since ?? met;
    return second - since > ENTERED_SECONDS || since - this.#customs.since(service, name) > ENTERED_SECONDS;
  }

  /** A first time that is worth a word is told in a moment. */
  #consider(track: Track, step: Step, { endpoint, log, second, past }: Seen, rules: Rules, missing: Missing): void {
    const { service, name } = endpoint;
    if (past || !this.#breaches.isNews(missing, step, service, name, rules)) return;
    const { kinds, sensitivity } = rules.at(log, name);
    if (sensitivity > PLAIN_SENSITIVITY || kinds.sequence === 'off') return;
    const { ts, id, ip } = log;
    const facts = { second, ts, logId: id, address: ip, missing: missing.print, samples: missing.samples };
    this.#news.await(track, step, { ...facts, monitor: kinds.sequence === 'monitor' });
  }

  #sample(step: Step, service: string, name: string, second: number, passed: readonly number[]): void {
    const lacks = this.#customs.of(service, name).usual.some((print) => !passed.includes(print));
    const weight = sampleWeight(step, second, lacks);
    if (weight === 0) return;
    countSample(step, second, lacks);
    this.#customs.note(service, name, second, passed, weight);
  }

  /** Nothing came of cycles without a step for an hour: they are ordinary. */
  #release(track: Track, second: number): void {
    for (const step of track.steps) {
      if (!step.withheld || second - step.skipsSince <= WINDOW_SECONDS) continue;
      const name = this.#names.get(step.print);
      if (name !== undefined) this.#sample(step, track.source.service, name, second, step.withheld);
      step.withheld = undefined;
    }
  }

  /** A run goes on, or a new one begins and the old one teaches. */
  #repeat(track: Track, step: Step, { endpoint, source, log, second }: Seen, over: boolean, weight: number): void {
    const requests = this.#profileOf(source)?.requests ?? 0;
    const path = pathOf(endpoint, log);
    const { row, cycle } = repeatsWith(track, step, path, requests - 1, second);
    const first = step.second === 0;
    if (!first && !step.tainted) {
      const { service, name } = endpoint;
      if (row === 0) this.#customs.noteRepeats(service, name, second, 'row', step.row, weight);
      if (cycle === 0) this.#customs.noteRepeats(service, name, second, 'cycle', step.cycle, weight);
      if (row === 0) step.rowBest = Math.max(step.rowBest, step.row);
      if (cycle === 0) step.cycleBest = Math.max(step.cycleBest, step.cycle);
    }
    if (cycle === 0) step.tainted = false;
    step.tainted ||= over;
    step.row = row;
    step.cycle = cycle;
    step.path = path;
    step.requests = requests;
  }

  #printOf(endpoint: Endpoint): number {
    if (endpoint.signIn) return 0;
    const known = this.#prints[endpoint.index];
    if (known !== undefined) return known;
    const print = classOf(endpoint.name) === 'other' ? fingerprint(endpoint.name) : 0;
    this.#prints[endpoint.index] = print;
    this.#name(endpoint.name);
    return print;
  }

  /** Names of steps, heard of in requests, or with what is known of everyone after a restart. */
  #name(endpoint: string): void {
    if (this.#named.has(endpoint) || this.#named.size >= MAX_NAMES) return;
    this.#named.add(endpoint);
    if (classOf(endpoint) === 'other' && isChange(endpoint.slice(0, endpoint.indexOf(' '))))
      this.#names.set(fingerprint(endpoint), endpoint);
  }
}

/** Turned away before anything was tried. */
const TURNED_AWAY = new Set([401, 403, 404, 405, 429]);
const isTried = ({ method, status }: RequestLog) => isChange(method) && !TURNED_AWAY.has(status);
const isStep = ({ method, status }: RequestLog) => status < 400 && isChange(method);

/** What is done to another object is no repetition. */
const pathOf = ({ name }: Endpoint, { path }: RequestLog) => (name.includes('/:') ? fingerprint(path) : 0);
