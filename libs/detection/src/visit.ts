/**
 * One log with the places that it belongs to, looked up once for all detectors. Made by `assess`, which changes nothing:
 * where actor or endpoint were never seen before, they are absent until the log is learnt.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Stir } from './contribution.js';
import type { Endpoint } from './entities/endpoints.js';
import { isPast, type Source } from './entities/sources.js';
import { secondOf } from './rate/windows.js';

export interface Visit {
  readonly service: string;
  readonly log: RequestLog;
  /** `METHOD /route/:param`. */
  readonly name: string;
  /** Event time, seconds. */
  readonly second: number;
  /** Late or historical: has windows and sources of its own. */
  readonly past: boolean;
  endpoint: Endpoint | undefined;
  source: Source | undefined;
  /** Record of source and endpoint, -1 where there is none. */
  slot: number;
}

/** A visit of whose places nothing is known yet. */
export function newVisit(service: string, log: RequestLog, name: string): Visit {
  const second = secondOf(log.ts);
  const past = isPast(log);
  return { service, log, name, second, past, endpoint: undefined, source: undefined, slot: -1 };
}

/** When a log is learnt its places exist. */
export interface Seen extends Visit {
  endpoint: Endpoint;
  source: Source;
  /** What it adds to the endpoint's present level, where it adds any. */
  stirs?: Stir[];
}
