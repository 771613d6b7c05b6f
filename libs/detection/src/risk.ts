/**
 * Risk: how much there is to hold against a subject now, 0 to 1, for the access rules of the host. One formula, here alone:
 *
 *     risk = (1 - product over its unresolved alerts of (1 - p)) * 2^(-(now - quiet since) / 30 min)
 *
 * p lies in the band of the alert's severity, at its score, so that a rule can name a band: from 0.75 on something critical is open, from
 * 0.5 something high, from 0.25 something medium. Alerts are taken for independent hints, each of which leaves 1 - p of doubt: two
 * medium ones are as much as a high one, and nothing is ever certain. An alert counts half where its actor has proved itself since it
 * was last seen: it is the user, then; it need not be harmless, so not nothing, and in full again where it goes on. What has calmed down
 * counts half after each half hour. A resolved alert counts no more: a person has judged, and decides where that is needed.
 */
import type { AlertKind, Severity } from '@plimsoll/contracts';

/** Of an alert that is not resolved; times in milliseconds since the epoch. */
export interface RiskyAlert {
  kind: AlertKind;
  severity: Severity;
  /** 0 to 1. */
  score: number;
  firstAt: number;
  lastAt: number;
  /** When its actor last proved itself; null where it did not. */
  provedAt: number | null;
}

export interface Risk {
  /** Above 0, below 1: as it was at `quietSince`; see {@link presentRisk}. */
  score: number;
  /** From when on it fades, milliseconds since the epoch. */
  quietSince: number;
  /** When the first of its alerts began. */
  since: number;
  /** The kinds of its alerts, the heaviest first. */
  signals: AlertKind[];
  alerts: number;
  provedAt: number | null;
}

export const RISK_HALF_LIFE_MS = 30 * 60_000;
/** What has faded below this is none. */
export const RISK_FLOOR = 0.05;

const BANDS: Record<Severity, readonly [low: number, high: number]> = {
  low: [0.1, 0.25],
  medium: [0.25, 0.5],
  high: [0.5, 0.75],
  critical: [0.75, 0.95],
};
/** No alert is older than this and still counts: from 0.95, or what several make of it at most, to the floor. */
export const RISK_KEPT_MS = Math.ceil(Math.log2(1 / RISK_FLOOR)) * RISK_HALF_LIFE_MS;

/** The risk of one subject by its unresolved alerts; undefined where there are none. */
export function riskOf(alerts: readonly RiskyAlert[]): Risk | undefined {
  if (alerts.length === 0) return undefined;
  const weighed = alerts.map((alert) => ({ alert, weight: weightOf(alert) }));
  weighed.sort((a, b) => b.weight - a.weight || (a.alert.kind < b.alert.kind ? -1 : 1));
  const proofs = alerts.flatMap(({ provedAt }) => provedAt ?? []);
  return {
    score: 1 - weighed.reduce((doubt, { weight }) => doubt * (1 - weight), 1),
    quietSince: Math.max(...alerts.map(({ lastAt }) => lastAt)),
    since: Math.min(...alerts.map(({ firstAt }) => firstAt)),
    signals: [...new Set(weighed.map(({ alert }) => alert.kind))],
    alerts: alerts.length,
    provedAt: proofs.length === 0 ? null : Math.max(...proofs),
  };
}

function weightOf({ severity, score, lastAt, provedAt }: RiskyAlert): number {
  const [low, high] = BANDS[severity];
  const weight = low + (high - low) * Math.min(1, Math.max(0, score));
  return provedAt !== null && provedAt > lastAt ? weight / 2 : weight;
}

/** The risk at `now`, milliseconds since the epoch; 0 where it has faded. */
export function presentRisk({ score, quietSince }: Pick<Risk, 'score' | 'quietSince'>, now: number): number {
  const present = score * 2 ** (-Math.max(0, now - quietSince) / RISK_HALF_LIFE_MS);
  return present < RISK_FLOOR ? 0 : present;
}
