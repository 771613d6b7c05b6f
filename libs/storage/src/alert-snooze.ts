/**
 * When a snoozed alert differs from what it was, and comes back; the rule that docs/detection.md defines. It is asked where
 * the worker writes findings into alerts, in the transaction of the batch.
 */
import { type Alert, type Severity, type SnoozeSeen, severities, type WakeReason } from '@plimsoll/contracts';
import { and, eq, ne, sql } from 'drizzle-orm';
import { type EventDetail, recordAlertEvents } from './alert-events.js';
import { toAlert } from './alert-queries.js';
import type { Transaction } from './database.js';
import { alert } from './schema.js';

/** Observed above so many times what it was when snoozed: it differs. */
export const SNOOZE_FACTOR = 2;
/** Kinds and endpoints of a subject that are remembered with a snooze. */
const MAX_REMEMBERED = 200;

type Row = typeof alert.$inferSelect;
type Measured = Pick<Row, 'severity' | 'observed' | 'unit' | 'windowSeconds' | 'actors' | 'addresses'>;

/** What there is to remember of an alert that is about to be snoozed. */
export async function seenNow(tx: Transaction, row: Row): Promise<SnoozeSeen> {
  const about = await tx
    .selectDistinct({ kind: alert.kind, endpoint: alert.endpoint })
    .from(alert)
    .where(and(sameSubject(row), ne(alert.state, 'resolved')))
    .limit(MAX_REMEMBERED);
  const { observed, unit, windowSeconds, actors, addresses } = row;
  return {
    ...{ severity: row.severity as Severity, observed, unit, windowSeconds },
    ...{ actors: actors.total, addresses: addresses.total },
    kinds: [...new Set(about.map(({ kind }) => kind))].sort(),
    endpoints: [...new Set(about.map(({ endpoint }) => endpoint))].sort(),
  };
}

const sameSubject = ({ service, subjectType, subjectId }: Pick<Row, 'service' | 'subjectType' | 'subjectId'>) =>
  and(eq(alert.service, service), eq(alert.subjectType, subjectType), eq(alert.subjectId, subjectId));

/** How an alert differs from what was seen of it, the gravest way first; undefined where it does not. */
export function differsFrom(seen: SnoozeSeen, now: Measured): WakeReason | undefined {
  const rank = (severity: string) => severities.indexOf(severity as Severity);
  if (rank(now.severity) > rank(seen.severity)) return 'severity';
  const comparable = now.unit === seen.unit && now.windowSeconds === seen.windowSeconds;
  if (comparable && now.observed > SNOOZE_FACTOR * seen.observed) return 'observed';
  return now.actors.total > seen.actors || now.addresses.total > seen.addresses ? 'subject' : undefined;
}

/** The columns that wake an alert, with its line of history written; nothing where it sleeps on. */
export async function wakeIfDiffers(tx: Transaction, known: Row, after: Measured, at: number): Promise<Partial<Row>> {
  const seen = known.state === 'snoozed' ? known.snooze?.seen : undefined;
  const reason = seen ? differsFrom(seen, after) : undefined;
  if (!seen || reason === undefined) return {};
  const detail: EventDetail = { reason, ...(reason === 'severity' && { severity: after.severity as Severity }) };
  return wake(tx, known, detail, at);
}

async function wake(tx: Transaction, row: Row, detail: EventDetail, at: number): Promise<Partial<Row>> {
  const version = row.version + 1;
  await recordAlertEvents(tx, [{ alertId: row.id, at, type: 'wake', version, detail }]);
  return { state: 'open', until: null, snooze: null, acknowledgedAt: null, acknowledgedBy: null, version };
}

/** A new alert about a subject wakes the snoozed ones about it that knew no such kind or endpoint. */
export async function wakeSiblings(tx: Transaction, opened: Row, at: number): Promise<Alert[]> {
  const asleep = await tx
    .select()
    .from(alert)
    .where(and(sameSubject(opened), eq(alert.state, 'snoozed'), ne(alert.id, opened.id), sql`${alert.snooze}->'seen' <> 'null'`))
    .orderBy(alert.id)
    .for('update');
  const woken: Alert[] = [];
  for (const row of asleep) {
    const seen = row.snooze?.seen;
    if (!seen) continue;
    const reason = !seen.kinds.includes(opened.kind) ? 'kind' : seen.endpoints.includes(opened.endpoint) ? undefined : 'endpoint';
    if (reason === undefined) continue;
    const values = await wake(tx, row, { reason }, at);
    const [next] = await tx.update(alert).set(values).where(eq(alert.id, row.id)).returning();
    woken.push(toAlert(next!));
  }
  return woken;
}
