/**
 * What everything in the simulation shares: the clock's ends, who is out of order when, and the way out for logs. Calls
 * go through here so that an outage hits people, machines and attackers alike.
 */
import type { Endpoint, Service } from './catalogue.js';
import { DAY, ERRORS, MINUTE, type Rhythm, SECOND, type TrafficParameters } from './parameters.js';
import { Random, STREAM } from './random.js';
import { SERVICES } from './services.js';
import { barely, type Client, type Fields, logOf, type Sample } from './wire.js';

/** An endpoint that answers badly for everybody. */
export interface Fault {
  endpoints: readonly Endpoint[];
  from: number;
  until: number;
  /** Share of requests answered 503. */
  errorShare: number;
  /** Times the usual duration. */
  slowness: number;
}

/** More sessions than usual. */
export interface Surge {
  from: number;
  until: number;
  factor: number;
}

export interface Span {
  from: number;
  until: number;
}
const NEVER: Span = { from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY };
export const within = ({ from, until }: Span, ts: number) => ts >= from && ts < until;

/** What may rightly be said about an endpoint, though nobody attacks: one alert on the endpoint, none on people. */
export interface Disturbance {
  name: 'outage' | 'sale' | 'deploy' | 'retry-loop' | 'release' | 'import' | 'expiry';
  from: number;
  until: number;
  /** `METHOD /route`; empty for all. */
  endpoints: string[];
}

/** Monday, 00:00 UTC; each seed begins on another day of the week. */
const MONDAY = Date.UTC(2026, 0, 5);

export class World {
  readonly start: number;
  readonly end: number;
  readonly faults: Fault[] = [];
  readonly surges: Surge[] = [];
  readonly disturbances: Disturbance[] = [];
  /** A new front end: it calls an endpoint that was not there, and its old files are gone. */
  deployAt = Number.POSITIVE_INFINITY;
  /** A release of the app that asks wrongly, and tries again and again, until it is called back. */
  release: Span = NEVER;
  /** Passwords run out for a share of the people: at their next sign-in they need new ones. */
  expiry: Span = NEVER;
  /** Numbers of those who have renewed theirs. */
  readonly renewed = new Set<number>();
  readonly service: Service;
  /** Logs made and not yet given out, in no order. */
  pending: Sample[] = [];
  #made = 0;

  constructor(readonly parameters: TrafficParameters) {
    this.service = SERVICES[parameters.service];
    this.start = MONDAY + new Random(parameters.seed, STREAM.schedule).whole(0, 6) * DAY;
    this.end = this.start + parameters.days * DAY;
  }

  /** Sends a request as it is, whatever the state of the service. */
  send(ts: number, client: Client, endpoint: Endpoint | undefined, random: Random, fields: Fields = {}, attack = -1): void {
    this.#made += 1;
    const { seed, wire } = this.parameters;
    const log = logOf(`s${seed}-${this.#made}`, ts, client, this.service, endpoint, random, fields);
    this.pending.push({ log: wire === 'bare' ? barely(log) : log, attack, number: client.number });
  }

  /** Sends a request to the service as it is now. Returns the status that it answers. */
  call(ts: number, client: Client, endpoint: Endpoint, random: Random, fields: Fields = {}): number {
    const fault = this.faults.length > 0 ? this.#faultAt(ts, endpoint) : undefined;
    const failing = fault !== undefined && random.chance(fault.errorShare);
    const status = failing ? 503 : (fields.status ?? usualStatus(endpoint, random));
    const slow = fault ? { durationMs: random.lognormal(endpoint.ms * fault.slowness, 0.5) } : undefined;
    this.send(ts, client, endpoint, random, { ...fields, ...slow, status });
    return status;
  }

  /** Times as many sessions as usual. */
  surgeAt(ts: number): number {
    let factor = 1;
    for (const surge of this.surges) if (ts >= surge.from && ts < surge.until) factor *= surge.factor;
    return factor;
  }

  #faultAt(ts: number, endpoint: Endpoint): Fault | undefined {
    return this.faults.find(({ endpoints, from, until }) => ts >= from && ts < until && endpoints.includes(endpoint));
  }
}

function usualStatus({ method, objects }: Endpoint, random: Random): number {
  const at = random.next();
  if (at < ERRORS.server) return 500;
  if (objects !== 'none' && at < ERRORS.server + ERRORS.notFound) return 404;
  if (objects === 'own' && at > 1 - ERRORS.forbidden) return 403;
  return method !== 'GET' && at > 1 - ERRORS.invalid ? 422 : 200;
}

const bump = (hour: number, peak: number, width: number) => {
  const away = Math.min(Math.abs(hour - peak), 24 - Math.abs(hour - peak));
  return Math.exp(-0.5 * (away / width) ** 2);
};
const SHAPES: Record<Rhythm, (hour: number, weekend: boolean) => number> = {
  office: (hour, weekend) => (0.03 + bump(hour, 10, 1.5) + bump(hour, 15, 2)) * (weekend ? 0.15 : 1),
  consumer: (hour, weekend) => (0.05 + 0.4 * bump(hour, 12.5, 2) + bump(hour, 20, 2.2)) * (weekend ? 1.3 : 1),
  global: (hour, weekend) => (0.05 + 0.4 * bump(hour, 12.5, 2) + bump(hour, 20, 2.2)) * (weekend ? 1.1 : 1),
};
const meanOf = (rhythm: Rhythm) =>
  Array.from({ length: 24 }, (_, hour) => SHAPES[rhythm](hour, false)).reduce((sum, value) => sum + value, 0) / 24;
const MEANS = { office: meanOf('office'), consumer: meanOf('consumer'), global: meanOf('global') };

/** How much more than on average a person does at this time; `shiftHours` is the person's own clock. 1 on average of a weekday. */
export function rhythmAt(rhythm: Rhythm, ts: number, shiftHours: number): number {
  const local = ts + shiftHours * 60 * MINUTE;
  const weekend = Math.floor(local / DAY + 3) % 7 >= 5; // The epoch was a Thursday: 0 is a Monday.
  return SHAPES[rhythm]((local % DAY) / (3600 * SECOND), weekend) / MEANS[rhythm];
}
