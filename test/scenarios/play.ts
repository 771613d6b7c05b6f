/**
 * Plays logs through the model as the worker does: batches of a second, sources spread over shards, contributions to the
 * shard of their entity after each batch, populations to all. Says what was found.
 */
import { DEFAULT_SETTINGS, type RequestLog, type Settings } from '@plimsoll/contracts';
import { contributionEntity, type Finding, Model, Templates } from '@plimsoll/detection';

export interface PlayOptions {
  shards?: number;
  settings?: Settings;
  service?: string;
  /** Called for each model after each batch: a place to store and restore it. */
  between?: (model: Model, shard: number) => Model;
}

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
  readonly #between: PlayOptions['between'];

  constructor({ shards = 1, settings = DEFAULTS, service = 'shop', between }: PlayOptions = {}) {
    this.models = Array.from({ length: shards }, () => new Model({ maxEntities: 50_000 }));
    this.#settings = settings;
    this.#service = service;
    this.#between = between;
  }

  /** Logs in order of time. */
  play(logs: readonly RequestLog[]): this {
    for (let from = 0; from < logs.length; ) {
      const second = Math.floor((logs[from]?.ts ?? 0) / 1000);
      let to = from;
      while (to < logs.length && Math.floor((logs[to]?.ts ?? 0) / 1000) === second) to += 1;
      this.#batch(logs.slice(from, to), second * 1000 + 999);
      from = to;
    }
    return this;
  }

  /** Time goes on with no logs. */
  rest(until: number): this {
    this.#exchange(until);
    return this;
  }

  opened(kind?: string): Finding[] {
    return this.findings.filter((finding) => finding.phase === 'opened' && (kind === undefined || finding.kind === kind));
  }

  #batch(logs: readonly RequestLog[], now: number): void {
    for (const log of logs) {
      const endpoint = this.#templates.endpointOf(this.#service, log.method, log.route, log.path, log.status);
      const model = this.#shardOf(log.actor !== undefined && log.authenticated ? log.actor : log.ip);
      const assessment = model.assess(this.#service, log, endpoint, this.#settings);
      this.findings.push(...assessment.findings);
      model.learn(assessment);
    }
    this.#exchange(now);
  }

  #exchange(now: number): void {
    for (const contribution of this.models.flatMap((model) => model.takeContributions())) {
      this.findings.push(...this.#shardOf(contributionEntity(contribution)).absorb(contribution, this.#settings));
    }
    for (const population of this.models.flatMap((model) => model.takePopulations())) {
      for (const model of this.models) model.setPopulation(population);
    }
    for (const model of this.models) this.findings.push(...model.settle(now));
    const { models } = this;
    if (!this.#between) return;
    for (const [shard, model] of models.entries()) models[shard] = this.#between(model, shard);
  }

  #shardOf(text: string): Model {
    return this.models[hash(text) % this.models.length] as Model;
  }
}
