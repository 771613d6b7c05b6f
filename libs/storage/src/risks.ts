/**
 * The risks of a service's subjects, by their unresolved alerts (the formula is libs/detection/src/risk.ts). Only what the host vouches
 * for, or an address: nobody can burden somebody else by sending that one's name. What comes from late or old logs says nothing of now.
 */
import type { AlertKind, EnforceableSubject, Severity } from '@plimsoll/contracts';
import { presentRisk, RISK_KEPT_MS, type Risk, riskOf } from '@plimsoll/detection';
import { and, desc, eq, gt, inArray, ne, or } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import { heldAddress } from './addresses.js';
import { announce, listen } from './channel.js';
import type { Database } from './database.js';
import { alert } from './schema.js';

export interface SubjectRisk extends Risk {
  subject: EnforceableSubject;
}

/** The newest alerts of a service that are looked at. */
const MAX_ALERTS = 10_000;
/** Subjects of a service whose risk is handed out; the highest are kept. */
export const MAX_RISKS = 1_000;

export interface RiskQuestion {
  /** Only subjects of these types; without it those of every type that can be held. What is left out takes no room. */
  types?: readonly EnforceableSubject['type'][];
}

/**
 * The highest risks at `now`, milliseconds since the epoch, highest first; and how many found no room. An IPv6 address stands for its
 * network of 64 bits, as in decisions.
 */
export async function readRisks(
  db: Database,
  service: string,
  now: number,
  { types = ['actor', 'address', 'credential'] }: RiskQuestion = {},
): Promise<{ risks: SubjectRisk[]; left: number }> {
  const { kind, severity, score, subjectType, subjectId, firstAt, lastAt, provedAt } = alert;
  const rows = await db
    .select({ kind, severity, score, subjectType, subjectId, firstAt, lastAt, provedAt })
    .from(alert)
    .where(
      and(
        eq(alert.service, service),
        ne(alert.state, 'resolved'),
        eq(alert.historical, false),
        gt(alert.lastAt, now - RISK_KEPT_MS),
        inArray(alert.subjectType, [...types]),
        or(eq(alert.subjectType, 'address'), eq(alert.verified, true)),
      ),
    )
    .orderBy(desc(alert.lastAt), alert.id)
    .limit(MAX_ALERTS);
  const bySubject = new Map<string, { subject: EnforceableSubject; alerts: typeof rows }>();
  for (const row of rows) {
    const type = row.subjectType as EnforceableSubject['type'];
    const subject = { type, id: type === 'address' ? heldAddress(row.subjectId) : row.subjectId };
    const key = `${type} ${subject.id}`;
    const known = bySubject.get(key);
    if (known === undefined) bySubject.set(key, { subject, alerts: [row] });
    else known.alerts.push(row);
  }
  const all = [...bySubject.values()].flatMap(({ subject, alerts }) => {
    const risk = riskOf(alerts.map((row) => ({ ...row, kind: row.kind as AlertKind, severity: row.severity as Severity })));
    const present = risk === undefined ? 0 : presentRisk(risk, now);
    return risk === undefined || present === 0 ? [] : [{ subject, ...risk, present }];
  });
  all.sort((a, b) => b.present - a.present || (a.subject.id < b.subject.id ? -1 : 1));
  const risks = all.slice(0, MAX_RISKS).map(({ present: _, ...risk }) => risk);
  return { risks, left: all.length - risks.length };
}

const channelOf = (namespace: string) => `${namespace}:risks`;

/** Tells every listening process that alerts of a service have changed; call it after the commit. */
export async function announceRisks(redis: Redis, namespace: string, service: string): Promise<void> {
  await announce(redis, channelOf(namespace), { service });
}

/**
 * @param redis a connection that only subscribes
 * @returns a function that ends the subscription
 */
export function subscribeRisks(
  redis: Redis,
  namespace: string,
  handler: (service: string) => void,
): Promise<() => Promise<void>> {
  return listen(redis, channelOf(namespace), (message) => {
    const { service } = (message ?? {}) as { service?: unknown };
    if (typeof service === 'string') handler(service);
  });
}
