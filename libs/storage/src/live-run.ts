/** What the live run left in the records of one service: its alerts and decisions of a time, and what people said of them. */
import type { AlertKind, AlertVerdict, EnforceableSubject, Severity, SubjectType } from '@plimsoll/contracts';
import type { LiveAlert, LiveDecision, LiveRun } from '@plimsoll/detection';
import { and, asc, eq, gte, lt, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { alert, decision } from './schema.js';
import { reportOf } from './verdicts.js';

/** Of each; beyond it the earliest are compared, what comes after looks new, and the result says so. */
const MOST = 100_000;
/** An alert that ended this long before may still touch what comes. */
const BEFORE_MS = 3_600_000;

/** @param from of the first log that is gone through; to `to`, not included. Milliseconds since the epoch. @param most of each. */
export async function readLiveRun(
  db: Database,
  { service, from, to }: { service: string; from: number; to: number },
  most = MOST,
): Promise<LiveRun> {
  const ofAlerts = and(
    eq(alert.service, service),
    or(gte(alert.lastAt, from - BEFORE_MS), gte(alert.resolvedAt, from)),
    lt(alert.firstAt, to),
  );
  const alerts = await db.select().from(alert).where(ofAlerts).orderBy(asc(alert.firstAt), asc(alert.id)).limit(most);
  const ofDecisions = and(
    eq(decision.service, service),
    sql`${decision.origin}->>'type' = 'policy'`,
    ne(decision.action, 'monitor'),
    gte(decision.until, from),
    lt(decision.createdAt, to),
  );
  const decisions = await db
    .select({ decision, kind: alert.kind, verdict: alert.verdict, alertAt: alert.firstAt })
    .from(decision)
    .leftJoin(alert, eq(alert.id, decision.alertId))
    .where(ofDecisions)
    .orderBy(asc(decision.createdAt), asc(decision.id))
    .limit(most);
  const beyond = async (table: typeof alert | typeof decision, of: SQL | undefined, read: number) =>
    read < most ? 0 : (await db.$count(table, of)) - read;
  const verdicts = alerts.filter(({ resolvedAt, verdict }) => resolvedAt !== null && verdict !== null && resolvedAt < to);
  return {
    alerts: alerts.map(toLiveAlert),
    decisions: decisions.map(toLiveDecision),
    verdicts: verdicts.map(reportOf).sort((a, b) => a.judgedAt - b.judgedAt),
    cut: (await beyond(alert, ofAlerts, alerts.length)) + (await beyond(decision, ofDecisions, decisions.length)),
  };
}

const toLiveAlert = (row: typeof alert.$inferSelect): LiveAlert => ({
  id: row.id,
  kind: row.kind as AlertKind,
  subject: { type: row.subjectType as SubjectType, id: row.subjectId },
  endpoint: row.endpoint === '' ? null : row.endpoint,
  severity: row.severity as Severity,
  firstAt: row.firstAt,
  lastAt: row.lastAt,
  endedAt: row.endedAt,
  requests: row.count,
  explanation: row.explanation,
  verdict: row.verdict as AlertVerdict | null,
});

interface DecisionRow {
  decision: typeof decision.$inferSelect;
  kind: string | null;
  verdict: string | null;
  alertAt: number | null;
}

const toLiveDecision = ({ decision: row, kind, verdict, alertAt }: DecisionRow): LiveDecision => ({
  action: row.action as LiveDecision['action'],
  subject: { type: row.subjectType as EnforceableSubject['type'], id: row.subjectId },
  endpoint: row.endpoint === '' ? null : row.endpoint,
  createdAt: row.createdAt,
  alertAt,
  until: Math.min(row.until, row.liftedAt ?? row.until),
  reason: row.reason,
  kind: kind as AlertKind | null,
  verdict: verdict as AlertVerdict | null,
});
