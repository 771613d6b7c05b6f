/** What is over its limit for everybody, before it is told: the common part of floods, failures and slowness. */
import type { AlertPoint, Evidence, Signal } from '@plimsoll/contracts';

export interface Over {
  kind: 'flood' | 'endpoint-health';
  /** Index of SPANS. */
  span: number;
  /** The three share unit and window. */
  observed: number;
  expected: number;
  limit: number;
  unit: string;
  windowSeconds: number;
  /** Requests in the window, and groups of sources they came from. */
  requests: number;
  evidence: Evidence;
  signals: Signal[];
  points: AlertPoint[];
  explain: (where: string, limit: number) => string;
}

/** One half at the limit, towards 1 beyond: as for the other kinds. */
export function scoreOf({ observed, expected, limit }: Pick<Over, 'observed' | 'expected' | 'limit'>): number {
  return 1 - 2 ** (-(observed - expected) / Math.max(1e-9, limit - expected));
}
