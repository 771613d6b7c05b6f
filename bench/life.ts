/**
 * The model's pace in simulated life, beside the plain mix of model.bench.ts: people with sessions, machines, attacks, many
 * endpoints with parameters, one service in full and one with bare logs, so that every detector is busy. All that a worker asks
 * of a model counts: jobs of one service, contributions and settling after each, changed states taken as for a snapshot each
 * five seconds. The logs are made, and their endpoints found, before the clock runs.
 */
import { DEFAULT_SETTINGS, type RequestLog } from '@plimsoll/contracts';
import { Model, Templates } from '@plimsoll/detection';
import { Simulation } from '../test/traffic/simulation.js';
import { barely } from '../test/traffic/wire.js';

const PEOPLE = 3_000;
const DAYS = 1.5;
/** Chunks of ten minutes; the last six hours are measured. */
const CHUNKS = DAYS * 144;
const MEASURED = 36;
/** Logs of a job, as the SDK sends them; and of five seconds at 20,000 a second. */
const BATCH = 500;
const SNAPSHOT = 100_000;

interface Step {
  service: string;
  log: RequestLog;
  endpoint: string;
}

/** Ten minutes of both services in order of time. */
function* chunks(): Generator<Step[]> {
  const parameters = { seed: 4711, days: DAYS, calmDays: 1, rhythm: 'global' } as const;
  const full = new Simulation({ ...parameters, users: PEOPLE }).chunks();
  const bare = new Simulation({ ...parameters, users: PEOPLE / 2, service: 'suite', wire: 'bare' }).chunks();
  const templates = new Templates();
  const stepOf = (service: string, log: RequestLog): Step => {
    return { service, log, endpoint: templates.endpointOf(service, log.method, log.route, log.path, log.status) };
  };
  for (const samples of full) {
    const others: typeof samples = bare.next().value ?? [];
    yield [...samples.map(({ log }) => stepOf('shop', log)), ...others.map(({ log }) => stepOf('suite', barely(log)))].sort(
      (a, b) => a.log.ts - b.log.ts,
    );
  }
}

class Worker {
  readonly #model = new Model();
  #sinceSnapshot = 0;

  take(steps: readonly Step[]): void {
    for (let from = 0; from < steps.length; from += BATCH) {
      const batch = steps.slice(from, from + BATCH);
      for (const service of ['shop', 'suite'])
        this.#job(
          service,
          batch.filter((step) => step.service === service),
        );
      for (const contribution of this.#model.takeContributions()) this.#model.absorb(contribution, DEFAULT_SETTINGS);
      for (const population of this.#model.takePopulations()) this.#model.setPopulation(population);
      this.#model.settle(batch.at(-1)?.log.ts ?? 0);
      this.#sinceSnapshot += batch.length;
      if (this.#sinceSnapshot < SNAPSHOT) continue;
      this.#sinceSnapshot = 0;
      this.#model.takeChanges();
    }
  }

  #job(service: string, steps: readonly Step[]): void {
    this.#model.expect(
      service,
      steps.map(({ log }) => log),
      steps.map(({ endpoint }) => endpoint),
    );
    for (const { log, endpoint } of steps) this.#model.learn(this.#model.assess(service, log, endpoint, DEFAULT_SETTINGS));
  }
}

/**
 * Logs a second.
 * @param seconds the processor's clock
 */
export function paceOfLife(seconds: () => number): number {
  const worker = new Worker();
  const measured: Step[][] = [];
  let made = 0;
  for (const steps of chunks()) {
    made += 1;
    if (made > CHUNKS - MEASURED) measured.push(steps);
    else worker.take(steps);
  }
  const begun = seconds();
  for (const steps of measured) worker.take(steps);
  return measured.flat().length / (seconds() - begun);
}
