/**
 * The worker's way of a request log without any server: assess, learn, and once a second of event time what spans actors
 * (contributions, populations) and what has calmed down. One process holds all shards, so what the worker sends to another
 * shard goes straight into its model. `plimsoll replay` runs one model over files, a backtest as many as the installation has.
 */
import type { RequestLog, Settings, VerdictReport } from '@plimsoll/contracts';
import type { Contribution, Population } from '../contribution.js';
import { Templates } from '../entities/templates.js';
import type { Finding } from '../finding.js';
import { Model } from '../model.js';
import { Openings } from './openings.js';

const SECOND = 1000;
/** In a gap between two logs the model is asked every 5 s for 10 minutes what has ended; what takes longer ends with the next log. */
const GAP_STEP = 5 * SECOND;
const GAP_STEPS = 120;
/** After the last log the clock goes on for half a minute: what waits for it alone (the last ten seconds of an endpoint) is over by then. */
const LAST_STEPS = 6;
/** How often limits follow the alert budget: as in the worker. */
const BUDGET_EVERY = 10 * SECOND;
/** How often everybody is told what is learnt of populations: they change with the minute, and all models hear of each change. */
const PUBLISH_EVERY = 5 * SECOND;

/** Which of `count` models takes what. */
export interface Shards {
  count: number;
  ofLog(service: string, log: RequestLog): number;
  ofContribution(contribution: Contribution): number;
  ofVerdict(report: VerdictReport): readonly number[];
}
const ONE: Shards = { count: 1, ofLog: () => 0, ofContribution: () => 0, ofVerdict: () => [0] };

export class Replay {
  readonly #models: readonly Model[];
  readonly #templates = new Templates();
  readonly #openings = new Openings();
  #second = Number.NEGATIVE_INFINITY;
  #stretchedAt = Number.NEGATIVE_INFINITY;
  #publishedAt = Number.NEGATIVE_INFINITY;

  /** `onFinding` hears of everything that the model says, in the order of event time but for late logs. */
  constructor(
    private readonly settings: Settings,
    private readonly onFinding: (finding: Finding) => void,
    private readonly shards: Shards = ONE,
  ) {
    this.#models = Array.from({ length: shards.count }, () => new Model());
  }

  /** Takes over what a shard had learnt. */
  restore(shard: number, entries: Iterable<[key: string, state: Uint8Array]>): void {
    this.#models[shard]?.restore(entries);
  }

  know(populations: readonly Population[]): void {
    for (const model of this.#models) for (const population of populations) model.setPopulation(population);
  }

  /** The next log of a service; logs come in time order, save those whose timing is late. */
  take(service: string, log: RequestLog): void {
    this.#passTo(log.ts);
    const endpoint = this.#templates.endpointOf(service, log.method, log.route, log.path, log.status);
    this.#learn(this.#models[this.shards.ofLog(service, log)], service, log, endpoint);
  }

  /**
   * The next logs of a service with the endpoint that each was counted for: looked up together, which is much quicker.
   * @param onLog hears of each log before it is judged
   */
  takeAll(
    service: string,
    logs: readonly RequestLog[],
    endpoints: readonly string[],
    onLog: (log: RequestLog, endpoint: string) => void = () => {},
  ): void {
    const models = this.#expect(service, logs, endpoints);
    logs.forEach((log, index) => {
      const endpoint = endpoints[index] ?? '';
      this.#passTo(log.ts);
      onLog(log, endpoint);
      this.#learn(models[index], service, log, endpoint);
    });
  }

  /** A person's verdict, at its place in time. */
  heed(report: VerdictReport): void {
    this.#openings.resolve(report);
    for (const shard of this.shards.ofVerdict(report)) this.#models[shard]?.heed(report);
  }

  /** The end of the input: what it left is still judged. Nothing ends by it, since more may have come. */
  finish(): void {
    this.#exchange();
    if (!Number.isFinite(this.#second)) return;
    this.#publish(this.#second);
    for (let step = 1; step <= LAST_STEPS; step += 1) {
      this.#settle(this.#second + step * GAP_STEP, ({ phase }) => phase !== 'ended');
      this.#exchange();
    }
  }

  #expect(service: string, logs: readonly RequestLog[], endpoints: readonly string[]): (Model | undefined)[] {
    const parts = this.#models.map((): { logs: RequestLog[]; endpoints: string[] } => ({ logs: [], endpoints: [] }));
    const models = logs.map((log, index) => {
      const shard = this.shards.ofLog(service, log);
      const part = parts[shard];
      part?.logs.push(log);
      part?.endpoints.push(endpoints[index] ?? '');
      return this.#models[shard];
    });
    parts.forEach((part, shard) => {
      this.#models[shard]?.expect(service, part.logs, part.endpoints);
    });
    return models;
  }

  #learn(model: Model | undefined, service: string, log: RequestLog, endpoint: string): void {
    if (!model) return;
    const assessment = model.assess(service, log, endpoint, this.settings);
    model.learn(assessment);
    if (assessment.findings.length > 0) this.#tell(assessment.findings);
  }

  #passTo(ts: number): void {
    if (ts < this.#second + SECOND) return;
    const second = Math.floor(ts / SECOND) * SECOND;
    this.#exchange();
    if (second >= this.#publishedAt + PUBLISH_EVERY) this.#publish(second);
    if (Number.isFinite(this.#second)) {
      const steps = Math.min(GAP_STEPS, Math.ceil((second - this.#second) / GAP_STEP) - 1);
      for (let step = 1; step <= steps; step += 1) {
        const now = this.#second + step * GAP_STEP;
        this.#settle(now);
        this.#exchange();
        this.#publish(now);
      }
    }
    this.#settle(second);
    if (second - this.#stretchedAt > BUDGET_EVERY) this.#stretch(second);
    this.#second = second;
  }

  #settle(now: number, counts?: (finding: Finding) => boolean): void {
    for (const model of this.#models) {
      const findings = model.settle(now);
      if (findings.length > 0) this.#tell(counts ? findings.filter(counts) : findings);
    }
  }

  #exchange(): void {
    // All are taken before any is told: what one leads to is nobody's before the next second.
    const contributions: Contribution[] = [];
    for (const model of this.#models) for (const contribution of model.takeContributions()) contributions.push(contribution);
    for (const contribution of contributions) {
      this.#tell(this.#models[this.shards.ofContribution(contribution)]?.absorb(contribution, this.settings) ?? []);
    }
    for (const each of this.#models) {
      for (const surge of each.takeSurges()) for (const model of this.#models) model.setSurge(surge);
    }
    this.#templates.takeCollapses();
  }

  #publish(now: number): void {
    this.#publishedAt = now;
    for (const each of this.#models) {
      for (const population of each.takePopulations()) for (const model of this.#models) model.setPopulation(population);
    }
  }

  #stretch(now: number): void {
    this.#stretchedAt = now;
    for (const [service, factor] of this.#openings.stretches(now, this.settings.alertBudget)) {
      for (const model of this.#models) model.stretch(service, factor);
    }
  }

  #tell(findings: readonly Finding[]): void {
    for (const finding of findings) {
      this.#openings.take(finding);
      this.onFinding(finding);
    }
  }
}
