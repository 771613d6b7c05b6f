/** What each person keeps of the list of alerts: filters under a name, and what was seen. Bounded for each person. */
import type { NamedPerson, SavedView, Seen } from '@plimsoll/contracts';
import { and, asc, desc, eq, inArray, lte, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { alert, person } from './schema.js';
import { alertSeen, savedView, seenMark } from './schema-triage.js';

/** Views of one person. */
export const MAX_VIEWS = 50;
/** Alerts that a person has seen one by one; beyond it the mark moves up to the oldest of them that goes. */
export const MAX_SEEN = 2_000;

const columns = {
  id: savedView.id,
  name: savedView.name,
  shared: savedView.shared,
  search: savedView.search,
  owner: { id: person.id, name: person.name },
};

/** The person's own views and the shared ones of others, by name. */
export function listViews(db: Database, personId: string): Promise<SavedView[]> {
  return db
    .select(columns)
    .from(savedView)
    .innerJoin(person, eq(person.id, savedView.personId))
    .where(or(eq(savedView.personId, personId), eq(savedView.shared, true)))
    .orderBy(asc(savedView.name), asc(savedView.id));
}

/** Keeps a view; an own one of that name is replaced. Undefined where the person has {@link MAX_VIEWS} already. */
export async function saveView(
  tx: Transaction,
  owner: NamedPerson,
  draft: { name: string; shared: boolean; search: string },
  now: number,
): Promise<SavedView | undefined> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`plimsoll:views:${owner.id}`}, 0))`);
  const own = await tx.select({ name: savedView.name }).from(savedView).where(eq(savedView.personId, owner.id));
  if (own.length >= MAX_VIEWS && !own.some(({ name }) => name === draft.name)) return undefined;
  const { shared, search } = draft;
  const [row] = await tx
    .insert(savedView)
    .values({ id: newId('view'), personId: owner.id, ...draft, createdAt: now })
    .onConflictDoUpdate({ target: [savedView.personId, savedView.name], set: { shared, search } })
    .returning();
  return { id: row!.id, ...draft, owner: { id: owner.id, name: owner.name } };
}

/** The view that went; undefined where the person has none of this id. */
export async function removeView(tx: Transaction, owner: NamedPerson, id: string): Promise<SavedView | undefined> {
  const own = and(eq(savedView.id, id), eq(savedView.personId, owner.id));
  const [row] = await tx.delete(savedView).where(own).returning();
  return row && { id, name: row.name, shared: row.shared, search: row.search, owner: { id: owner.id, name: owner.name } };
}

/** A person who never marked anything has seen nothing. */
export async function readSeen(db: Database | Transaction, personId: string): Promise<Seen> {
  const [mark] = await db.select().from(seenMark).where(eq(seenMark.personId, personId));
  const rows = await db
    .select({ id: alertSeen.alertId })
    .from(alertSeen)
    .where(eq(alertSeen.personId, personId))
    .orderBy(desc(alertSeen.at), asc(alertSeen.alertId))
    .limit(MAX_SEEN);
  return { upTo: mark?.upTo ?? 0, ids: rows.map(({ id }) => id) };
}

/** Marks these alerts as seen, and all that opened up to a time. Ids of no alert are passed over. */
export async function markSeenAlerts(
  tx: Transaction,
  personId: string,
  { alerts, upTo }: { alerts: readonly string[]; upTo?: number | undefined },
  now: number,
): Promise<Seen> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`plimsoll:seen:${personId}`}, 0))`);
  const known =
    alerts.length === 0
      ? []
      : await tx
          .select({ id: alert.id })
          .from(alert)
          .where(inArray(alert.id, [...alerts]));
  if (known.length > 0) {
    const rows = known.map(({ id }) => ({ personId, alertId: id, at: now }));
    await tx.insert(alertSeen).values(rows).onConflictDoNothing();
  }
  if (upTo !== undefined) await raise(tx, personId, upTo);
  await bound(tx, personId);
  return readSeen(tx, personId);
}

/** Rows of alerts that opened before the mark say nothing more. */
async function raise(tx: Transaction, personId: string, upTo: number): Promise<void> {
  await tx
    .insert(seenMark)
    .values({ personId, upTo })
    .onConflictDoUpdate({ target: seenMark.personId, set: { upTo: sql`greatest(${seenMark.upTo}, excluded.up_to)` } });
  const covered = tx
    .select({ id: alert.id })
    .from(alert)
    .where(and(eq(alert.id, alertSeen.alertId), lte(alert.firstAt, upTo)));
  await tx.delete(alertSeen).where(and(eq(alertSeen.personId, personId), sql`exists ${covered}`));
}

async function bound(tx: Transaction, personId: string): Promise<void> {
  const rows = await tx
    .select({ id: alertSeen.alertId, firstAt: alert.firstAt })
    .from(alertSeen)
    .innerJoin(alert, eq(alert.id, alertSeen.alertId))
    .where(eq(alertSeen.personId, personId))
    .orderBy(desc(alert.firstAt))
    .offset(MAX_SEEN)
    .limit(1);
  const oldest = rows[0];
  if (oldest) await raise(tx, personId, oldest.firstAt);
}
