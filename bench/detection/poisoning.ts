/**
 * How far can a patient actor train its own baseline? It knows the model as well as the model itself: before each request it
 * asks whether it would be flagged, and sends whatever would not be. No real attacker knows so much; the figure is a bound.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { Model } from '@plimsoll/detection';
import { nameOf } from '../../test/traffic/disturbances.js';
import { Simulation } from '../../test/traffic/simulation.js';
import { figure, quantile } from '../report.js';
import type { Part } from './part.js';
import { SETTINGS } from './product.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const SERVICE = 'simulated';
/** Days of ordinary habit, then days of climbing. */
const HABIT_DAYS = 1;
const CLIMB_DAYS = 7;
/** Beyond this multiple of the start the answer is clear, and the climber stops. */
const ENOUGH = 30;

/** Requests an hour that the climbers start from, and where each goes. */
const STARTS: readonly (readonly [perHour: number, route: string])[] = [
  [600, '/orders'],
  [60, '/search'],
  [3600, '/messages'],
];

export interface Climb {
  startPerHour: number;
  /** Most requests in one unflagged hour, as a multiple of the start (at most ENOUGH): of the first hour of climbing, and of all. */
  atOnce: number;
  reached: number;
  /** Hours of climbing until something was said about the actor; undefined where nothing was. */
  caughtAfterHours: number | undefined;
  /** Requests that passed in each hour of climbing. */
  hours: number[];
}

class Climber {
  readonly perHour = new Map<number, number>();
  caughtAt: number | undefined;
  /** Got as far as anybody wants to know. */
  through = false;
  #next = 0;

  constructor(
    readonly startPerHour: number,
    readonly route: string,
  ) {}

  get actor(): string {
    return `climber-${this.startPerHour}`;
  }

  log(ts: number): RequestLog {
    const { actor, route } = this;
    const common = {
      method: 'GET',
      status: 200,
      durationMs: 30,
      bytesIn: 0,
      bytesOut: 5000,
      ip: '45.0.9.1',
      userAgent: 'climber',
    };
    const vouched = { authenticated: true, verdict: 'allow', timing: 'live' } as const;
    return { id: `${actor}-${ts}`, ts, route, path: route.replace(':id', '1'), actor, ...common, ...vouched };
  }

  /** Asks `wouldFlag` and sends by `send` what is due in this second. */
  second(ts: number, climbing: boolean, wouldFlag: (log: RequestLog) => boolean, send: (log: RequestLog) => void): void {
    const hour = Math.floor(ts / HOUR);
    if (this.#next === 0) this.#next = ts;
    while (this.caughtAt === undefined && !this.through) {
      if (!climbing && this.#next >= ts + SECOND) return;
      const log = this.log(ts);
      if (climbing && wouldFlag(log)) return;
      send(log);
      const count = (this.perHour.get(hour) ?? 0) + 1;
      this.perHour.set(hour, count);
      this.through = count >= ENOUGH * this.startPerHour;
      this.#next = Math.max(this.#next, ts) + HOUR / this.startPerHour;
    }
  }
}

/** Ordinary life of a small service with the climbers in it. */
export function climbs(seed: number): Climb[] {
  const simulation = new Simulation({ seed, users: 60, days: HABIT_DAYS + CLIMB_DAYS, attacks: false, disturbances: false });
  const climbers = STARTS.map(([perHour, route]) => new Climber(perHour, route));
  const model = new Model();
  const from = simulation.start + HABIT_DAYS * DAY;
  const hear = (findings: readonly { phase: string; subject: { id: string }; ts: number }[]) => {
    for (const climber of climbers)
      if (findings.some(({ phase, subject }) => phase !== 'ended' && subject.id === climber.actor))
        climber.caughtAt ??= findings[0]?.ts;
  };
  const send = (log: RequestLog) => {
    const assessment = model.assess(SERVICE, log, nameOf({ method: log.method, route: log.route ?? '/*' }), SETTINGS);
    hear(assessment.findings);
    model.learn(assessment);
  };
  const wouldFlag = (log: RequestLog) =>
    model.assess(SERVICE, log, nameOf({ method: 'GET', route: log.route ?? '' }), SETTINGS).flagged;
  let second = simulation.start;
  const pass = () => {
    for (const climber of climbers) climber.second(second, second >= from, wouldFlag, send);
    for (const contribution of model.takeContributions()) hear(model.absorb(contribution, SETTINGS));
    for (const population of model.takePopulations()) model.setPopulation(population);
    second += SECOND;
    if (second % (5 * SECOND) === 0) hear(model.settle(second));
  };
  for (const samples of simulation.chunks()) {
    if (climbers.every(({ caughtAt, through }) => caughtAt !== undefined || through)) break;
    for (const { log } of samples) {
      while (second + SECOND <= log.ts) pass();
      send(log);
    }
  }
  return climbers.map((climber) => told(climber, from));
}

/** Three seeds; the bar holds for each start. */
export function poisoningPart(quick: boolean): Part {
  const all = (quick ? [1] : [1, 2, 3]).flatMap(climbs);
  console.log(
    JSON.stringify(
      all.map(({ hours: _, ...rest }) => rest),
      null,
      1,
    ),
  );
  const figures = STARTS.map(([perHour]) => {
    const reached = all.filter(({ startPerHour }) => startPerHour === perHour).map((climb) => climb.reached);
    const name = `poisoning: largest rate reached unflagged in ${CLIMB_DAYS} days, from ${perHour} requests an hour`;
    return figure(name, quantile(reached, 0.5), 'x the start', 3);
  });
  return { figures, tables: { poisoning: all } };
}

function told({ startPerHour, perHour, caughtAt }: Climber, from: number): Climb {
  const first = Math.floor(from / HOUR);
  const last = Math.floor((caughtAt ?? Number.POSITIVE_INFINITY) / HOUR);
  const counts = [...perHour].filter(([hour]) => hour >= first && hour < last).map(([, count]) => count);
  return {
    startPerHour,
    atOnce: (perHour.get(first) ?? 0) / startPerHour,
    reached: Math.max(0, ...counts) / startPerHour,
    hours: counts,
    caughtAfterHours: caughtAt === undefined ? undefined : (caughtAt - from) / HOUR,
  };
}
