/**
 * Speed and size of the model alone: `npm run bench:model`. Parsed logs with plain string ids, 100,000 actors on 20
 * endpoints, one core; the square of two uniform numbers makes some actors much busier than others. False alerts are those
 * of the scenarios' ordinary life, ten seeds that no test uses.
 */
import { DEFAULT_SETTINGS, type RequestLog } from '@plimsoll/contracts';
import { Model } from '@plimsoll/detection';
import { Play } from '../test/scenarios/play.js';
import { HOUR, ordinary, randomFrom, START } from '../test/scenarios/traffic.js';
import { paceOfLife } from './life.js';
import { figure, keep, quantile } from './report.js';

const ACTORS = 100_000;
const ENDPOINTS = Array.from({ length: 20 }, (_, index) => `GET /api/v1/resource-${index}/:id`);
const settings = DEFAULT_SETTINGS;
const random = randomFrom(1);
const megabytes = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
};

interface Step {
  log: RequestLog;
  endpoint: string;
}

const common = { method: 'GET', path: '/', status: 200, durationMs: 1, bytesIn: 0, bytesOut: 100, userAgent: '' } as const;
const vouched = { authenticated: true, verdict: 'allow', timing: 'live' } as const;
let ts = START;

/** 20,000 logs a second of event time. */
function steps(count: number): Step[] {
  return Array.from({ length: count }, (_, index): Step => {
    ts += 0.05;
    const actor = Math.floor(ACTORS * random() * random());
    const ip = `10.${actor >> 16}.${(actor >> 8) & 255}.${actor & 255}`;
    const log = { id: `l${index}`, ts: Math.floor(ts), actor: `user-${actor}`, ip, ...common, ...vouched };
    return { log, endpoint: ENDPOINTS[Math.floor(20 * random())] ?? '' };
  });
}

/** Seconds of the processor, all threads of the process: a busy neighbour does not slow them down. */
const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Logs of a job, as the SDK sends them. */
const BATCH = 500;

/** Logs a second through assess and learn, batch by batch as in the worker, and each second of event time what spans actors. */
function pace(model: Model, batch: readonly Step[]): number {
  const begun = processorSeconds();
  let exchanged = 0;
  for (let from = 0; from < batch.length; from += BATCH) {
    const job = batch.slice(from, from + BATCH);
    model.expect(
      'shop',
      job.map(({ log }) => log),
      job.map(({ endpoint }) => endpoint),
    );
    for (const { log, endpoint } of job) model.learn(model.assess('shop', log, endpoint, settings));
    const { ts: now } = job.at(-1)?.log ?? { ts: 0 };
    if (now - exchanged < 1000) continue;
    exchanged = now;
    for (const contribution of model.takeContributions()) model.absorb(contribution, settings);
    for (const population of model.takePopulations()) model.setPopulation(population);
    model.settle(now);
  }
  return batch.length / (processorSeconds() - begun);
}

function speed(): number {
  const model = new Model({ maxEntities: 3_000_000 });
  for (let pass = 0; pass < 10; pass += 1) pace(model, steps(200_000));
  return quantile(
    Array.from({ length: 10 }, () => pace(model, steps(200_000))),
    0.5,
  );
}

/** Megabytes of a million pairs, and the median of their stored bytes. */
function size(): { memory: number; stored: number } {
  globalThis.gc?.();
  const before = megabytes();
  const model = new Model({ maxEntities: 1_000_000 });
  for (let pair = 0; pair < 1_000_000; pair += 1) {
    const log = {
      id: 'l',
      ts: START + Math.floor(pair / 20),
      actor: `user-${Math.floor(pair / 20)}`,
      ip: '10.0.0.1',
      ...common,
      ...vouched,
    };
    model.learn(model.assess('shop', log, ENDPOINTS[pair % 20] ?? '', settings));
  }
  model.takeContributions();
  globalThis.gc?.();
  const memory = megabytes() - before;
  const pairs = model.takeChanges().puts.filter(([key]) => key.startsWith('r'));
  return {
    memory,
    stored: quantile(
      pairs.map(([, state]) => state.length),
      0.5,
    ),
  };
}

function falseAlerts(): number {
  let logs = 0;
  let alerts = 0;
  for (let seed = 1001; seed <= 1030; seed += 1) {
    const life = ordinary(seed, START + 8 * HOUR, 12);
    logs += life.length;
    alerts += new Play().play(life).opened().length;
  }
  return (alerts * 1e6) / logs;
}

const { memory, stored } = size();
const figures = [
  figure(
    'speed: assess and learn, one core (processor time), 100,000 actors x 20 endpoints, median',
    speed(),
    'logs/s',
    500_000,
    'higher',
  ),
  figure(
    'speed: simulated life, all detectors, stage two and stored changes included (processor time)',
    paceOfLife(processorSeconds),
    'logs/s',
    50_000,
    'higher',
  ),
  figure('state: stored, of a pair of actor and endpoint, median', stored, 'bytes', 160),
  figure('state: memory of 1,000,000 pairs', memory, 'MiB', 512),
  figure('false alerts in the ordinary life of the scenarios, 30 seeds', falseAlerts(), 'per million requests', 5),
];
const by = 'npm run bench:model';
keep('model', figures, { by });
keep('detection', figures, { by });
