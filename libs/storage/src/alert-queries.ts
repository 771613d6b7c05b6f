/** Alerts as people read and settle them: the list, one in full, acknowledge, resolve. */
import type {
  Alert,
  AlertDetail,
  AlertKind,
  AlertRequest,
  AlertState,
  AlertVerdict,
  RequestLog,
  Severity,
  SubjectType,
} from '@plimsoll/contracts';
import { and, asc, count, desc, eq, getTableColumns, gt, inArray, or, sql } from 'drizzle-orm';
import { heldAddress } from './addresses.js';
import { behind, type Cursor, type Page, toPage } from './cursors.js';
import type { Database, Transaction } from './database.js';
import { toDecision } from './decisions.js';
import { alert, alertRequest, decision } from './schema.js';
import { type Within, withinServices } from './within.js';

export interface AlertFilter {
  within: Within;
  service?: string | undefined;
  state?: AlertState[] | undefined;
  kind?: AlertKind[] | undefined;
  severity?: Severity[] | undefined;
  /** A part of the subject's id, literally: no wildcards. */
  subject?: string | undefined;
  cursor?: Cursor | undefined;
  limit: number;
}

/** `unchanged`: it had been resolved before. */
export type AlertChange = { type: 'changed' | 'unchanged'; alert: Alert } | { type: 'missing' };

/** Requests and decisions shown with an alert. */
const DETAIL_REQUESTS = 100;
const DETAIL_DECISIONS = 50;

type Row = typeof alert.$inferSelect;

/** A list does without what can be large. */
const { points: _points, actors: _actors, addresses: _addresses, ...listed } = getTableColumns(alert);

/** What people and pages see of a row; columns of the model's own are left out. */
export function toAlert(row: Omit<Row, 'points' | 'actors' | 'addresses'> & Partial<Row>): Alert {
  const { points, actors, addresses, episode, episodeCount, heededAt, reach, verified, subjectType, subjectId, ...seen } = row;
  return {
    ...seen,
    kind: seen.kind as AlertKind,
    severity: seen.severity as Severity,
    subject: { type: subjectType as SubjectType, id: subjectId },
    endpoint: seen.endpoint === '' ? null : seen.endpoint,
    state: seen.state as AlertState,
    verdict: seen.verdict as AlertVerdict | null,
  };
}

/** Latest activity first. */
export async function listAlerts(db: Database, filter: AlertFilter): Promise<Page<Alert>> {
  const { within, service, state, kind, severity, subject, cursor, limit } = filter;
  const rows = await db
    .select(listed)
    .from(alert)
    .where(
      and(
        withinServices(alert.service, within),
        service === undefined ? undefined : eq(alert.service, service),
        state && inArray(alert.state, state),
        kind && inArray(alert.kind, kind),
        severity && inArray(alert.severity, severity),
        subject === undefined ? undefined : sql`strpos(${alert.subjectId}, ${subject}) > 0`,
        behind(cursor, alert.lastAt, alert.id),
      ),
    )
    .orderBy(desc(alert.lastAt), asc(alert.id))
    .limit(limit + 1);
  return toPage(rows, limit, toAlert, (row) => ({ at: row.lastAt, id: row.id }));
}

/**
 * Alerts of low and medium severity that opened since then, by service: what the alert budget is measured by. Confirmed
 * attacks are no noise, and those of an old file are nobody's queue of today.
 */
export async function countOpened(db: Database, since: number): Promise<Map<string, number>> {
  const noise = and(
    gt(alert.firstAt, since),
    inArray(alert.severity, ['low', 'medium']),
    eq(alert.historical, false),
    sql`${alert.verdict} is distinct from 'true-positive'`,
  );
  const rows = await db.select({ service: alert.service, opened: count() }).from(alert).where(noise).groupBy(alert.service);
  return new Map(rows.map(({ service, opened }) => [service, opened]));
}

/** One alert without its chart and requests. */
export async function findAlert(db: Database | Transaction, id: string): Promise<Alert | undefined> {
  const [row] = await db.select().from(alert).where(eq(alert.id, id));
  return row && toAlert(row);
}

/** The alert, its chart, its latest requests (oldest last) and what was decided because of it or about its subject, newest first. */
export async function readAlert(db: Database, id: string): Promise<AlertDetail | undefined> {
  const [row] = await db.select().from(alert).where(eq(alert.id, id));
  if (row === undefined) return undefined;
  const [requests, decisions] = await Promise.all([
    db.select().from(alertRequest).where(eq(alertRequest.alertId, id)).orderBy(desc(alertRequest.ts)).limit(DETAIL_REQUESTS),
    db
      .select()
      .from(decision)
      .where(
        and(
          eq(decision.service, row.service),
          or(
            // Of an account that was only claimed, somebody else is held: see `enforceableSubject`.
            eq(decision.alertId, id),
            and(
              eq(decision.subjectType, row.subjectType),
              inArray(decision.subjectId, [row.subjectId, heldAddress(row.subjectId)]),
            ),
          ),
        ),
      )
      .orderBy(desc(decision.createdAt), asc(decision.id))
      .limit(DETAIL_DECISIONS),
  ]);
  return {
    alert: toAlert(row),
    actors: row.actors,
    addresses: row.addresses,
    points: row.points,
    requests: requests.map(({ endpoint, log }) => toAlertRequest(log, endpoint)),
    decisions: decisions.map(toDecision),
  };
}

function toAlertRequest(log: RequestLog, endpoint: string): AlertRequest {
  const { id, ts, method, path, status, durationMs, bytesOut, ip, userAgent, verdict } = log;
  return { id, ts, method, path, endpoint, status, durationMs, bytesOut, ip, userAgent, actor: log.actor ?? null, verdict };
}

/** open -> acknowledged. Acknowledging again keeps the first time and name, and takes a new note. */
export async function acknowledgeAlert(
  tx: Transaction,
  id: string,
  change: { by: string; note?: string | undefined; now: number },
): Promise<AlertChange> {
  const row = await lockAlert(tx, id);
  if (row === undefined) return { type: 'missing' };
  if (row.state === 'resolved') return { type: 'unchanged', alert: toAlert(row) };
  return settle(tx, id, {
    state: 'acknowledged',
    acknowledgedAt: row.acknowledgedAt ?? change.now,
    acknowledgedBy: row.acknowledgedBy ?? change.by,
    note: change.note ?? row.note,
  });
}

/** open or acknowledged -> resolved. The same behaviour later opens a new alert. */
export async function resolveAlert(
  tx: Transaction,
  id: string,
  change: { by: string; verdict: AlertVerdict; note?: string | undefined; now: number },
): Promise<AlertChange> {
  const row = await lockAlert(tx, id);
  if (row === undefined) return { type: 'missing' };
  if (row.state === 'resolved') return { type: 'unchanged', alert: toAlert(row) };
  return settle(tx, id, {
    state: 'resolved',
    verdict: change.verdict,
    resolvedAt: change.now,
    resolvedBy: change.by,
    note: change.note ?? row.note,
  });
}

/** Against a worker that raises the alert's count at the same moment. */
async function lockAlert(tx: Transaction, id: string): Promise<Row | undefined> {
  const [row] = await tx.select().from(alert).where(eq(alert.id, id)).for('update');
  return row;
}

async function settle(tx: Transaction, id: string, values: Partial<Row>): Promise<AlertChange> {
  const [row] = await tx.update(alert).set(values).where(eq(alert.id, id)).returning();
  return { type: 'changed', alert: toAlert(row!) };
}
