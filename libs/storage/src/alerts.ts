/**
 * Alerts as the worker writes them: a finding opens one, or goes into the one unresolved alert of its service, kind,
 * subject and endpoint. An alert's id derives from the log that opened it, so that a redelivery cannot open another.
 */
import type { Alert, AlertPoint, RequestLog } from '@plimsoll/contracts';
import type { Finding } from '@plimsoll/detection';
import { and, eq, ne, notInArray, sql } from 'drizzle-orm';
import { toAlert } from './alert-queries.js';
import type { Transaction } from './database.js';
import { hashId } from './ids.js';
import { alert, alertRequest } from './schema.js';

/** Points of an alert's chart that are kept, the newest. */
const MAX_POINTS = 240;
const MAX_REQUESTS = 100;

export interface EvidenceLog {
  log: RequestLog;
  endpoint: string;
}

type Row = typeof alert.$inferSelect;

const unresolvedOf = (finding: Finding) =>
  and(
    eq(alert.service, finding.service),
    eq(alert.kind, finding.kind),
    eq(alert.subjectType, finding.subject.type),
    eq(alert.subjectId, finding.subject.id),
    eq(alert.endpoint, finding.endpoint ?? ''),
    ne(alert.state, 'resolved'),
  );

/** What the newest finding says, for a new alert and for an old one alike. */
const measured = (finding: Finding) => ({
  score: finding.score,
  observed: finding.observed,
  expected: finding.expected,
  limit: finding.limit,
  unit: finding.unit,
  windowSeconds: finding.windowSeconds,
  evidence: finding.evidence,
  explanation: finding.explanation,
  signals: finding.signals,
  severity: finding.severity,
  lastAt: finding.ts,
});

function merged(before: readonly AlertPoint[], after: readonly AlertPoint[]): AlertPoint[] {
  const byTime = new Map([...before, ...after].map((point) => [point.ts, point]));
  return [...byTime.values()].sort((a, b) => a.ts - b.ts).slice(-MAX_POINTS);
}

/** @returns the alert as it is now; undefined where a finding ended whose alert is resolved already. */
export async function recordFinding(tx: Transaction, finding: Finding): Promise<Alert | undefined> {
  const [known] = await tx.select().from(alert).where(unresolvedOf(finding)).for('update');
  if (finding.phase === 'ended') return known && toAlert(await end(tx, known, finding));
  return toAlert(known ? await go(tx, known, finding) : await open(tx, finding));
}

async function open(tx: Transaction, finding: Finding): Promise<Row> {
  const { service, kind, subject, endpoint, logId, count, historical, ts, points } = finding;
  const [row] = await tx
    .insert(alert)
    .values({
      id: hashId('al', service, kind, subject.type, subject.id, endpoint ?? '', logId, ts),
      service,
      kind,
      subjectType: subject.type,
      subjectId: subject.id,
      endpoint: endpoint ?? '',
      historical,
      count,
      episodeCount: count,
      firstAt: points[0] && points.length === 1 ? Math.min(points[0].ts, ts) : ts,
      points: merged([], points),
      ...measured(finding),
    })
    .returning();
  return row!;
}

async function go(tx: Transaction, known: Row, finding: Finding): Promise<Row> {
  const again = finding.phase === 'opened';
  const more = again ? finding.count : Math.max(0, finding.count - known.episodeCount);
  const [row] = await tx
    .update(alert)
    .set({
      ...measured(finding),
      count: known.count + more,
      episodeCount: finding.count,
      points: merged(known.points, finding.points),
      historical: known.historical && finding.historical,
      lastAt: Math.max(known.lastAt, finding.ts),
      firstAt: Math.min(known.firstAt, finding.ts),
      endedAt: null,
    })
    .where(eq(alert.id, known.id))
    .returning();
  return row!;
}

async function end(tx: Transaction, known: Row, finding: Finding): Promise<Row> {
  const [row] = await tx
    .update(alert)
    .set({
      endedAt: Math.max(finding.ts, known.lastAt),
      count: known.count + Math.max(0, finding.count - known.episodeCount),
      episodeCount: Math.max(finding.count, known.episodeCount),
      points: merged(known.points, finding.points),
    })
    .where(eq(alert.id, known.id))
    .returning();
  return row!;
}

/** Keeps the requests that led to an alert, the newest {@link MAX_REQUESTS}. */
export async function keepRequests(tx: Transaction, alertId: string, evidence: readonly EvidenceLog[]): Promise<void> {
  if (evidence.length === 0) return;
  const rows = evidence.map(({ log, endpoint }) => ({ alertId, logId: log.id, ts: log.ts, endpoint, log }));
  await tx.insert(alertRequest).values(rows).onConflictDoNothing();
  const newest = tx
    .select({ logId: alertRequest.logId })
    .from(alertRequest)
    .where(eq(alertRequest.alertId, alertId))
    .orderBy(sql`${alertRequest.ts} desc`)
    .limit(MAX_REQUESTS);
  await tx.delete(alertRequest).where(and(eq(alertRequest.alertId, alertId), notInArray(alertRequest.logId, newest)));
}
