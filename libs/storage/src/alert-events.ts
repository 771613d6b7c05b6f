/** The history of an alert: rows that say who did what and when, and comments. A row belongs in the transaction of its deed. */
import {
  type AlertEvent,
  type AlertEventType,
  type AlertVerdict,
  MAX_MENTIONS,
  type NamedPerson,
  type Severity,
  type WakeReason,
} from '@plimsoll/contracts';
import { and, asc, desc, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { alert, person } from './schema.js';
import { account } from './schema-people.js';
import { alertEvent, alertMention } from './schema-triage.js';

/** Lines of a history that are shown, the latest. */
const SHOWN = 500;

/** What a line says beside who and when; what is absent was not part of the deed. */
export interface EventDetail {
  note?: string | undefined;
  until?: number | undefined;
  differs?: boolean;
  verdict?: AlertVerdict;
  assignee?: string | null;
  undone?: AlertEventType;
  reason?: WakeReason;
  severity?: Severity;
  mentions?: string[];
}

export interface EventDraft {
  alertId: string;
  at: number;
  /** Undefined: the clock or the model. */
  by?: NamedPerson | undefined;
  type: AlertEventType;
  version: number;
  detail?: EventDetail;
  before?: Record<string, unknown>;
}

type Row = typeof alertEvent.$inferSelect;

export async function recordAlertEvents(tx: Transaction, drafts: readonly EventDraft[]): Promise<AlertEvent[]> {
  if (drafts.length === 0) return [];
  const rows = drafts.map(({ by, detail = {}, before = null, ...rest }) => ({
    ...rest,
    personId: by?.id ?? null,
    by: by?.name ?? null,
    detail: detail as Record<string, unknown>,
    before,
  }));
  return (await tx.insert(alertEvent).values(rows).returning()).map(toEvent);
}

function toEvent({ id, at, type, by, detail }: Row): AlertEvent {
  const { note, until, differs, verdict, assignee, undone, reason, severity, mentions } = detail as EventDetail;
  return {
    ...{ id, at, by, type: type as AlertEventType },
    ...{ note: note ?? null, until: until ?? null, differs: differs ?? false, verdict: verdict ?? null },
    ...{ assignee: assignee ?? null, undone: undone ?? null, reason: reason ?? null, severity: severity ?? null },
    mentions: mentions ?? [],
  };
}

/** The latest {@link SHOWN} lines, oldest first; undefined where there is no such alert. */
export async function alertHistory(db: Database, alertId: string): Promise<AlertEvent[] | undefined> {
  const rows = await db
    .select()
    .from(alertEvent)
    .where(eq(alertEvent.alertId, alertId))
    .orderBy(desc(alertEvent.id))
    .limit(SHOWN);
  if (rows.length === 0 && (await db.$count(alert, eq(alert.id, alertId))) === 0) return undefined;
  return rows.reverse().map(toEvent);
}

/** People who can be given an alert or be mentioned: all that are not disabled, by name. */
export function listAssignees(db: Database | Transaction): Promise<NamedPerson[]> {
  return db
    .select({ id: person.id, name: person.name })
    .from(person)
    .leftJoin(account, eq(account.personId, person.id))
    .where(or(isNull(account.disabledAt), isNull(account.personId)))
    .orderBy(asc(person.name), asc(person.id));
}

/** One of {@link listAssignees}. */
export async function findAssignee(tx: Transaction, id: string): Promise<NamedPerson | undefined> {
  return (await findAssignees(tx, [id]))[0];
}

async function findAssignees(tx: Transaction, ids: readonly string[]): Promise<NamedPerson[]> {
  if (ids.length === 0) return [];
  return tx
    .select({ id: person.id, name: person.name })
    .from(person)
    .leftJoin(account, eq(account.personId, person.id))
    .where(and(inArray(person.id, [...ids]), isNull(account.disabledAt)))
    .orderBy(asc(person.name), asc(person.id));
}

/** `strangers`: these are nobody whom one can mention; nothing was written. */
export type Commented = { type: 'commented'; event: AlertEvent } | { type: 'missing' } | { type: 'strangers'; ids: string[] };

/** A comment changes nothing of the alert: its version stays. */
export async function commentAlert(
  tx: Transaction,
  alertId: string,
  { text, mentions, by, now }: { text: string; mentions: readonly string[]; by: NamedPerson; now: number },
): Promise<Commented> {
  const [row] = await tx.select({ version: alert.version }).from(alert).where(eq(alert.id, alertId)).for('share');
  if (row === undefined) return { type: 'missing' };
  const ids = [...new Set(mentions)].slice(0, MAX_MENTIONS);
  const people = await findAssignees(tx, ids);
  const strangers = ids.filter((id) => !people.some((each) => each.id === id));
  if (strangers.length > 0) return { type: 'strangers', ids: strangers };
  const detail = { note: text, mentions: people.map(({ name }) => name) };
  const [event] = await recordAlertEvents(tx, [{ alertId, at: now, by, type: 'comment', version: row.version, detail }]);
  if (people.length > 0) {
    await tx
      .insert(alertMention)
      .values(people.map(({ id }) => ({ personId: id, alertId, at: now })))
      .onConflictDoUpdate({ target: [alertMention.personId, alertMention.alertId], set: { at: sql`excluded.at` } });
  }
  return { type: 'commented', event: event! };
}
