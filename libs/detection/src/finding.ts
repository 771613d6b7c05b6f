/**
 * What the model says. A finding is one behaviour of one subject that is out of its normal; the worker turns findings
 * into alerts and decisions, `plimsoll replay` prints them.
 */
import type { AlertKind, AlertPoint, Evidence, RateLimit, Severity, Signal, Subject } from '@plimsoll/contracts';

export type Phase = 'opened' | 'updated' | 'ended';

export interface Finding {
  phase: Phase;
  /** Event time, milliseconds since the epoch. */
  ts: number;
  service: string;
  kind: AlertKind;
  severity: Severity;
  /** 0..1. */
  score: number;
  subject: Subject;
  endpoint: string | null;
  /** The last three carry the same unit and window. */
  observed: number;
  expected: number;
  limit: number;
  unit: string;
  windowSeconds: number;
  evidence: Evidence;
  /** One sentence with numbers, and what would have cleared the subject. */
  explanation: string;
  signals: Signal[];
  /** Id of the request log that opened it: alert ids derive from it. */
  logId: string;
  /** Requests that took part so far. */
  count: number;
  /** At its worst so far: the distance from what was expected, in distances of the limit. Absent: 1. */
  reach?: number;
  /** Other parties of a campaign, at most 1,000 of each. */
  actors?: string[];
  addresses?: string[];
  /** How many there are, where the lists do not hold them all. */
  actorCount?: number;
  addressCount?: number;
  /** Only a subject verified by the host may be throttled or blocked by its id. */
  verified: boolean;
  /** From late or historical logs: never leads to a decision. */
  historical: boolean;
  /** A policy may act on it: its kind is not for monitoring alone, and a pace is not below `baseLimit`. */
  actionable: boolean;
  /** The throttle that holds the subject to what was learnt; null where a throttle makes no sense. */
  rate: RateLimit | null;
  /** The recent past and the present for the chart, oldest first, at most 60 points. */
  points: AlertPoint[];
}
