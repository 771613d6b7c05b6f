/**
 * Acts of people on alerts: one act on many alerts, each with its result and its line of history, all in one transaction. What
 * the clock does in their place (an acknowledgement runs out, a snooze ends) is here too.
 */
import {
  type Alert,
  type AlertEventType,
  type AlertVerdict,
  MAX_HOLD_MS,
  type NamedPerson,
  type TriageAct,
  type TriageResult,
  VERDICT_UNDO_MS,
} from '@plimsoll/contracts';
import { and, asc, desc, eq, inArray, isNotNull, lte, ne } from 'drizzle-orm';
import { type EventDetail, type EventDraft, recordAlertEvents } from './alert-events.js';
import { toAlert } from './alert-queries.js';
import { seenNow } from './alert-snooze.js';
import type { Transaction } from './database.js';
import { alert } from './schema.js';
import { alertEvent } from './schema-triage.js';

type Row = typeof alert.$inferSelect;

/** What acts set, and an undo puts back. */
const TRIAGED = [
  ...['state', 'until', 'snooze', 'assigneeId', 'assigneeName', 'acknowledgedAt', 'acknowledgedBy', 'note'],
  ...['verdict', 'resolvedAt', 'resolvedBy'],
] as const satisfies readonly (keyof Row)[];
type Triaged = Partial<Pick<Row, (typeof TRIAGED)[number]>>;

/** An act with the assignee looked up: `assignee` null takes it from whoever has it. */
export type Act = Exclude<TriageAct, { type: 'assign' }> | { type: 'assign'; assignee: NamedPerson | null };

export interface Target {
  id: string;
  /** The act is done only where the alert still has it. */
  version?: number | undefined;
}

export interface Doing {
  by: NamedPerson;
  now: number;
}

/** Whoever calls has seen to what may be done. */
type Done = Exclude<TriageResult, { type: 'denied' }>;

/** What one act does to one alert: columns and the line of history; undefined where nothing is to do. */
interface Deed {
  values: Triaged;
  detail: EventDetail;
  conflict?: boolean;
}

/** Results in the order of the targets. Alerts are locked in the order of their ids, against a deadlock of two such calls. */
export async function triageAlerts(tx: Transaction, act: Act, targets: readonly Target[], doing: Doing): Promise<Done[]> {
  const ids = targets.map(({ id }) => id);
  const rows = await tx.select().from(alert).where(inArray(alert.id, ids)).orderBy(asc(alert.id)).for('update');
  const byId = new Map(rows.map((row) => [row.id, row]));
  const results: Done[] = [];
  const events: EventDraft[] = [];
  for (const { id, version } of targets) {
    const row = byId.get(id);
    if (row === undefined) {
      results.push({ type: 'missing', id });
      continue;
    }
    const stale = version !== undefined && version !== row.version;
    const deed = stale ? undefined : await deedOf(tx, act, row, doing);
    if (stale || deed === undefined || deed.conflict) {
      results.push({ type: stale || deed?.conflict ? 'conflict' : 'unchanged', id, alert: toAlert(row) });
      continue;
    }
    const next = await write(tx, row, deed.values);
    results.push({ type: 'changed', id, alert: toAlert(next) });
    events.push({
      ...{ alertId: id, at: doing.now, by: doing.by, type: act.type, version: next.version, detail: deed.detail },
      before: Object.fromEntries(TRIAGED.map((name) => [name, row[name]])),
    });
  }
  await recordAlertEvents(tx, events);
  return results;
}

async function write(tx: Transaction, row: Row, values: Triaged): Promise<Row> {
  const [next] = await tx
    .update(alert)
    .set({ ...values, version: row.version + 1 })
    .where(eq(alert.id, row.id))
    .returning();
  return next!;
}

const OPEN: Triaged = { state: 'open', until: null, snooze: null, acknowledgedAt: null, acknowledgedBy: null };

async function deedOf(tx: Transaction, act: Act, row: Row, { by, now }: Doing): Promise<Deed | undefined> {
  if (act.type === 'undo') return undo(tx, row, now);
  if (row.state === 'resolved') return undefined;
  const note = 'note' in act ? act.note : undefined;
  const common: Triaged = note === undefined ? {} : { note };
  switch (act.type) {
    case 'acknowledge':
      return { values: { ...common, ...acknowledged(row, act.until, by, now) }, detail: { note, until: act.until } };
    case 'resolve': {
      const ended: Triaged = { state: 'resolved', until: null, snooze: null };
      const judged: Triaged = { verdict: act.verdict, resolvedAt: now, resolvedBy: by.name };
      return { values: { ...common, ...ended, ...judged }, detail: { note, verdict: act.verdict } };
    }
    case 'assign': {
      if ((act.assignee?.id ?? null) === row.assigneeId) return undefined;
      const values = { assigneeId: act.assignee?.id ?? null, assigneeName: act.assignee?.name ?? null };
      return { values, detail: { assignee: values.assigneeName } };
    }
    case 'snooze': {
      const seen = act.differs ? await seenNow(tx, row) : null;
      const values: Triaged = { state: 'snoozed', until: held(act.until, now), snooze: { by: by.name, at: now, seen } };
      return { values: { ...common, ...values }, detail: { note, until: act.until, differs: act.differs } };
    }
    case 'reopen':
      return row.state === 'open' ? undefined : { values: { ...common, ...OPEN }, detail: { note } };
  }
}

const held = (until: number | undefined, now: number): number | null =>
  until === undefined ? null : Math.min(until, now + MAX_HOLD_MS);

/** Acknowledging again keeps the first time and name. */
function acknowledged(row: Row, until: number | undefined, by: NamedPerson, now: number): Triaged {
  const again = row.state === 'acknowledged';
  return {
    state: 'acknowledged',
    snooze: null,
    until: held(until, now),
    acknowledgedAt: (again && row.acknowledgedAt) || now,
    acknowledgedBy: (again && row.acknowledgedBy) || by.name,
  };
}

/** The last act of a person, where it made the version that the alert has; not what an undo did. */
async function undo(tx: Transaction, row: Row, now: number): Promise<Deed> {
  const [last] = await tx
    .select()
    .from(alertEvent)
    .where(and(eq(alertEvent.alertId, row.id), eq(alertEvent.version, row.version), isNotNull(alertEvent.before)))
    .orderBy(desc(alertEvent.id))
    .limit(1);
  const type = last?.type as AlertEventType | undefined;
  if (!last?.before || type === undefined || type === 'undo' || (type === 'resolve' && !(await stillOpens(tx, row, now)))) {
    return { values: {}, detail: {}, conflict: true };
  }
  return { values: last.before as Triaged, detail: { undone: type } };
}

/** Whether what was resolved may be opened again: no model has heard of its verdict, and nobody else's alert has its place. */
async function stillOpens(tx: Transaction, row: Row, now: number): Promise<boolean> {
  if (row.heededAt !== null || row.resolvedAt === null || now - row.resolvedAt >= VERDICT_UNDO_MS) return false;
  const { service, kind, subjectType, subjectId, endpoint } = row;
  const [other] = await tx
    .select({ id: alert.id })
    .from(alert)
    .where(
      and(
        ...[eq(alert.service, service), eq(alert.kind, kind), eq(alert.subjectType, subjectType)],
        ...[eq(alert.subjectId, subjectId), eq(alert.endpoint, endpoint), ne(alert.state, 'resolved')],
      ),
    )
    .limit(1);
  return other === undefined;
}

/** Whether a change found its alert: what {@link resolveAlert} answers with. */
export type AlertChange = { type: 'changed' | 'unchanged'; alert: Alert } | { type: 'missing' };

/** -> resolved. The same behaviour later opens a new alert. */
export async function resolveAlert(
  tx: Transaction,
  id: string,
  change: { by: NamedPerson; verdict: AlertVerdict; note?: string | undefined; now: number },
): Promise<AlertChange> {
  const { verdict, note, ...doing } = change;
  const [result] = await triageAlerts(tx, { type: 'resolve', verdict, note }, [{ id }], doing);
  if (result === undefined || result.type === 'missing') return { type: 'missing' };
  return { type: result.type === 'changed' ? 'changed' : 'unchanged', alert: result.alert };
}

/** Opens what is due: acknowledgements that have run out, snoozes that end; at most `limit`. Several processes may do so at once. */
export async function openDueAlerts(tx: Transaction, now: number, limit: number): Promise<Alert[]> {
  const due = await tx
    .select()
    .from(alert)
    .where(and(isNotNull(alert.until), lte(alert.until, now)))
    .orderBy(asc(alert.until))
    .limit(limit)
    .for('update', { skipLocked: true });
  const opened: Alert[] = [];
  const events: EventDraft[] = [];
  for (const row of due) {
    const next = await write(tx, row, OPEN);
    opened.push(toAlert(next));
    const wakes = row.state === 'snoozed';
    const line = { alertId: row.id, at: now, version: next.version };
    events.push(wakes ? { ...line, type: 'wake', detail: { reason: 'time' } } : { ...line, type: 'expire' });
  }
  await recordAlertEvents(tx, events);
  return opened;
}
