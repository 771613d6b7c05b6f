/** A small service's ordinary life with one actor in it whose requests are asked about one by one: for the pictures. */
import type { RequestLog, Settings } from '@plimsoll/contracts';
import { type Assessment, type Finding, Model } from '@plimsoll/detection';
import { nameOf } from '../../test/traffic/disturbances.js';
import { Simulation } from '../../test/traffic/simulation.js';
import { SETTINGS } from '../detection/product.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const SERVICE = 'simulated';
const ROUTE = '/search';

export interface Told {
  ts: number;
  assessment: Assessment;
  /** What a setting would have said, at the same moment; nothing is learnt from it. */
  under: (settings: Settings) => Assessment;
}

/** Plays `times` (ms since the start) of the actor among others' requests; `hear` is asked of each before it is learnt. */
export function onStage(days: number, times: readonly number[], hear: (told: Told) => void): Finding[] {
  const simulation = new Simulation({ seed: 601, users: 60, days, attacks: false, disturbances: false });
  const model = new Model();
  const findings: Finding[] = [];
  const own = times.map((at) => logAt(simulation.start + at));
  let next = 0;
  let second = simulation.start;
  const pass = () => {
    for (const contribution of model.takeContributions()) findings.push(...model.absorb(contribution, SETTINGS));
    for (const population of model.takePopulations()) model.setPopulation(population);
    second += SECOND;
    findings.push(...model.settle(second));
  };
  const send = (log: RequestLog, mine: boolean) => {
    while (second + SECOND <= log.ts) pass();
    const name = nameOf({ method: log.method, route: log.route ?? '/*' });
    const assessment = model.assess(SERVICE, log, name, SETTINGS);
    if (mine)
      hear({ ts: log.ts - simulation.start, assessment, under: (settings) => model.assess(SERVICE, log, name, settings) });
    model.learn(assessment);
  };
  for (const samples of simulation.chunks())
    for (const { log } of samples) {
      for (let mine = own[next]; mine && mine.ts <= log.ts; mine = own[next]) {
        next += 1;
        send(mine, true);
      }
      send(log, false);
    }
  return findings;
}

function logAt(ts: number): RequestLog {
  const common = { method: 'GET', status: 200, durationMs: 30, bytesIn: 0, bytesOut: 5000, ip: '45.0.9.1', userAgent: 'app' };
  const vouched = { authenticated: true, verdict: 'allow', timing: 'live' } as const;
  return { id: `own-${ts}`, ts: Math.round(ts), route: ROUTE, path: ROUTE, actor: 'ann', ...common, ...vouched };
}
