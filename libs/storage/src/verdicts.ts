/**
 * Verdicts on their way back to the models that raised the alerts. An alert that a person has resolved is an order in
 * itself: its row says whether it was handed on (`heeded_at`), so that neither a dead Redis nor a dead worker loses it.
 * Handing on is at least once, with job ids that derive from alert and time; the table of batches makes it exactly once.
 */
import { type AlertKind, type AlertVerdict, type SubjectType, VERDICT_UNDO_MS, type VerdictReport } from '@plimsoll/contracts';
import { and, asc, inArray, isNull, lte } from 'drizzle-orm';
import type { Database } from './database.js';
import { alert } from './schema.js';
import { shardOf, shardOfEntity } from './shards.js';

/** One BullMQ job: a verdict for one shard. */
export interface VerdictJob {
  shard: number;
  receivedAt: number;
  report: VerdictReport;
}

/** The clocks of who undoes and of who hands on differ by less than this. */
const CLOCKS_MS = 2_000;

/** Verdicts that can no longer be taken back and that nobody has handed on yet, oldest first, at most `limit`. */
export async function unheededVerdicts(db: Database, now: number, limit: number): Promise<VerdictReport[]> {
  const waiting = and(lte(alert.resolvedAt, now - VERDICT_UNDO_MS - CLOCKS_MS), isNull(alert.heededAt));
  const rows = await db.select().from(alert).where(waiting).orderBy(asc(alert.resolvedAt)).limit(limit);
  return rows.map(reportOf);
}

/** What a person said of an alert that is resolved. */
export const reportOf = (row: typeof alert.$inferSelect): VerdictReport => ({
  alertId: row.id,
  service: row.service,
  kind: row.kind as AlertKind,
  subject: { type: row.subjectType as SubjectType, id: row.subjectId },
  endpoint: row.endpoint === '' ? null : row.endpoint,
  verdict: row.verdict as AlertVerdict,
  openedAt: row.firstAt,
  judgedAt: row.resolvedAt ?? row.lastAt,
  historical: row.historical,
  reach: row.reach,
  requests: row.count,
});

/** They are in the queues of their shards. */
export async function markHeeded(db: Database, alertIds: readonly string[], now: number): Promise<void> {
  if (alertIds.length === 0) return;
  await db
    .update(alert)
    .set({ heededAt: now })
    .where(and(inArray(alert.id, [...alertIds]), isNull(alert.heededAt)));
}

/**
 * The shards whose models may have raised the alert. An actor's or address's own traffic is judged in the one that takes
 * its logs, what spans sources in that of the entity; no hash leads from other subjects to the sources behind them, so
 * that all shards hear of those. Where nothing is known of the subject, hearing of it does no harm.
 */
export function shardsOfVerdict({ service, subject: { type, id } }: VerdictReport, shards: number): number[] {
  if (type !== 'actor' && type !== 'address') return Array.from({ length: shards }, (_, shard) => shard);
  return [...new Set([shardOf(service, id, shards), shardOfEntity(service, type, id, shards)])];
}
