/**
 * One log with the places that it belongs to, looked up once for all detectors. Made by `assess`, which changes nothing:
 * where actor or endpoint were never seen before, they are absent until the log is learnt.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Endpoint } from './entities/endpoints.js';
import type { Source } from './entities/sources.js';

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

/** When a log is learnt its places exist. */
export interface Seen extends Visit {
  endpoint: Endpoint;
  source: Source;
}
