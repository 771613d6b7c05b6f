/**
 * Plays logs through the model as the worker does: batches of a second, sources spread over shards, contributions to the
 * shard of their entity after each batch, populations to all. Says what was found.
 */
import { DEFAULT_SETTINGS, type RequestLog, type Settings } from '@plimsoll/contracts';
import { contributionEntity, type Finding, Model, type Population, type Surge, Templates } from '@plimsoll/detection';

export interface PlayOptions {
  shards?: number;
  settings?: Settings;
  service?: string;
  /** Asked after each batch, counted from 1, whether all models are to be stored, thrown away and restored here. */
  restart?: (batch: number) => boolean;
}

const MOST = 50_000;
const REST_STEP_MS = 10_000;

export const DEFAULTS: Settings = DEFAULT_SETTINGS;

/** FNV-1a: any stable hash will do. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

export class Play {
  readonly findings: Finding[] = [];
  readonly models: Model[];
  readonly #templates = new Templates();
  readonly #settings: Settings;
  readonly #service: string;
  readonly #restart: PlayOptions['restart'];
  /** What was written behind, a map a shard; and the populations and surges that every shard was given. */
  readonly #stored: Map<string, Uint8Array>[];
  readonly #told = new Map<string, Population>();
  readonly #surges = new Map<string, Surge>();
  #batches = 0;
  /** The clock of the last exchange, ms. */
  #now = Number.POSITIVE_INFINITY;

  constructor({ shards = 1, settings = DEFAULTS, service = 'shop', restart }: PlayOptions = {}) {
    this.models = Array.from({ length: shards }, () => new Model({ maxEntities: MOST }));
    this.#settings = settings;
    this.#service = service;
    this.#restart = restart;
    this.#stored = this.models.map(() => new Map());
  }

  /** Logs in order of time. */
  play(logs: readonly RequestLog[]): this {
    return this.arrive(logs, ({ ts }) => ts);
  }

  /** Logs in the order in which they arrive, ms: a batch for each second of arrival. */
  arrive(logs: readonly RequestLog[], arrival: (log: RequestLog) => number): this {
    const secondOf = (log: RequestLog | undefined) => Math.floor((log ? arrival(log) : 0) / 1000);
    for (let from = 0; from < logs.length; ) {
      const second = secondOf(logs[from]);
      let to = from;
      while (to < logs.length && secondOf(logs[to]) === second) to += 1;
      this.#batch(logs.slice(from, to), second * 1000 + 999);
      from = to;
    }
    return this;
  }

  /** Time goes on with no logs: what is under way arrives in time, as it does where the worker settles each few seconds. */
  rest(until: number): this {
    for (let now = this.#now + REST_STEP_MS; now < until; now += REST_STEP_MS) this.#exchange(now);
    this.#exchange(until);
    return this;
  }

  opened(kind?: string): Finding[] {
    return this.findings.filter((finding) => finding.phase === 'opened' && (kind === undefined || finding.kind === kind));
  }

  #batch(logs: readonly RequestLog[], now: number): void {
    const endpoints = logs.map(({ method, route, path, status }) =>
      this.#templates.endpointOf(this.#service, method, route, path, status),
    );
    // As the worker does, whose batches are of one shard.
    if (this.models.length === 1) this.models[0]?.expect(this.#service, logs, endpoints);
    for (const [index, log] of logs.entries()) {
      const endpoint = endpoints[index] ?? '';
      const model = this.#shardOf(log.actor !== undefined && log.authenticated ? log.actor : log.ip);
      const assessment = model.assess(this.#service, log, endpoint, this.#settings);
      this.findings.push(...assessment.findings);
      model.learn(assessment);
    }
    this.#exchange(now);
  }

  #exchange(now: number): void {
    this.#now = now;
    // First of all: the blocks that it closes leave contributions too, and none may be under way at a restart.
    for (const model of this.models) this.findings.push(...model.settle(now));
    for (const contribution of this.models.flatMap((model) => model.takeContributions())) {
      this.findings.push(...this.#shardOf(contributionEntity(contribution)).absorb(contribution, this.#settings));
    }
    for (const population of this.models.flatMap((model) => model.takePopulations())) {
      this.#told.set(`${population.service} ${population.endpoint}`, population);
      for (const model of this.models) model.setPopulation(population);
    }
    for (const surge of this.models.flatMap((model) => model.takeSurges())) {
      this.#surges.set(surge.endpoint, surge);
      for (const model of this.models) model.setSurge(surge);
    }
    this.#batches += 1;
    if (this.#restart?.(this.#batches)) this.#restore();
  }

  #restore(): void {
    for (const [shard, model] of this.models.entries()) {
      const stored = this.#stored[shard] as Map<string, Uint8Array>;
      const { puts, deletes } = model.takeChanges();
      for (const [key, state] of puts) stored.set(key, state);
      for (const key of deletes) stored.delete(key);
      const restored = new Model({ maxEntities: MOST });
      restored.restore(stored);
      for (const population of this.#told.values()) restored.setPopulation(population);
      for (const surge of this.#surges.values()) restored.setSurge(surge);
      this.models[shard] = restored;
    }
  }

  #shardOf(text: string): Model {
    return this.models[hash(text) % this.models.length] as Model;
  }
}
