/**
 * The worker's way of a request log without any server: assess, learn, and once a second of event time what spans actors
 * (contributions, populations) and what has calmed down. One process holds all shards, so what the worker sends to
 * another shard goes straight back into the same model.
 */
import type { RequestLog, Settings } from '@plimsoll/contracts';
import { type Finding, Model, Templates } from '@plimsoll/detection';
import { Openings } from './openings.js';

const SECOND = 1000;
/** In a gap between two logs the model is asked every 5 s for 10 minutes what has ended; what takes longer ends with the next log. */
const GAP_STEP = 5 * SECOND;
const GAP_STEPS = 120;
/** After the last log the clock goes on for half a minute: what waits for it alone (the last ten seconds of an endpoint) is over by then. */
const LAST_STEPS = 6;
/** How often limits follow the alert budget: as in the worker. */
const BUDGET_EVERY = 10 * SECOND;

export class Replay {
  readonly #model = new Model();
  readonly #templates = new Templates();
  readonly #openings = new Openings();
  #second = Number.NEGATIVE_INFINITY;
  #stretchedAt = Number.NEGATIVE_INFINITY;

  /** `onFinding` hears of everything that the model says, in the order of event time but for late logs. */
  constructor(
    private readonly settings: Settings,
    private readonly onFinding: (finding: Finding) => void,
  ) {}

  /** The next log of a service; logs come in time order, save those whose timing is late. */
  take(service: string, log: RequestLog): void {
    const second = Math.floor(log.ts / SECOND) * SECOND;
    if (second > this.#second) this.#passTo(second);
    const endpoint = this.#templates.endpointOf(service, log.method, log.route, log.path, log.status);
    const assessment = this.#model.assess(service, log, endpoint, this.settings);
    this.#model.learn(assessment);
    this.#tell(assessment.findings);
  }

  /** The end of the input: what it left is still judged. Nothing ends by it, since more may have come. */
  finish(): void {
    this.#exchange();
    if (!Number.isFinite(this.#second)) return;
    for (let step = 1; step <= LAST_STEPS; step += 1) {
      this.#tell(this.#model.settle(this.#second + step * GAP_STEP).filter(({ phase }) => phase !== 'ended'));
      this.#exchange();
    }
  }

  #passTo(second: number): void {
    this.#exchange();
    if (Number.isFinite(this.#second)) {
      const steps = Math.min(GAP_STEPS, Math.ceil((second - this.#second) / GAP_STEP) - 1);
      for (let step = 1; step <= steps; step += 1) {
        this.#tell(this.#model.settle(this.#second + step * GAP_STEP));
        this.#exchange();
      }
    }
    this.#tell(this.#model.settle(second));
    if (second - this.#stretchedAt > BUDGET_EVERY) this.#stretch(second);
    this.#second = second;
  }

  #exchange(): void {
    for (const contribution of this.#model.takeContributions()) this.#tell(this.#model.absorb(contribution, this.settings));
    for (const population of this.#model.takePopulations()) this.#model.setPopulation(population);
    for (const surge of this.#model.takeSurges()) this.#model.setSurge(surge);
    this.#templates.takeCollapses();
  }

  #stretch(now: number): void {
    this.#stretchedAt = now;
    for (const [service, factor] of this.#openings.stretches(now, this.settings.alertBudget)) {
      this.#model.stretch(service, factor);
    }
  }

  #tell(findings: Finding[]): void {
    for (const finding of findings) {
      this.#openings.take(finding);
      this.onFinding(finding);
    }
  }
}
