/**
 * Which alerts belong together: an alert in which several actors or addresses took part leads, and the alerts about one of
 * them in the same service and hour belong to it. One level deep: an alert that leads belongs to none.
 */
import type { Alert } from '@plimsoll/contracts';
import { and, desc, eq, gte, inArray, ne, or, sql } from 'drizzle-orm';
import { toAlert } from './alert-queries.js';
import type { Transaction } from './database.js';
import { alert } from './schema.js';

type Row = typeof alert.$inferSelect;
type Parties = Pick<Row, 'actors' | 'addresses'>;

/** How long before it opened, and after it was last active, alerts still belong to the one that leads. */
const NEAR_MS = 3_600_000;
/** Of the latest that lead in a service, so many are looked through for a subject. */
const MAX_LEADING = 50;

export const leadsOthers = ({ actors, addresses }: Parties): boolean => actors.total > 1 || addresses.total > 1;

/** The id of the alert that a new one belongs to; empty where there is none. */
export async function campaignOf(tx: Transaction, row: Row): Promise<string> {
  const list = row.subjectType === 'actor' ? alert.actors : row.subjectType === 'address' ? alert.addresses : undefined;
  if (list === undefined || leadsOthers(row)) return '';
  const leading = tx
    .select({ id: alert.id, parties: sql<Row['actors']>`${list}`.as('parties') })
    .from(alert)
    .where(
      and(
        eq(alert.service, row.service),
        sql`leads and state <> 'resolved'`,
        gte(alert.lastAt, row.firstAt - NEAR_MS),
        ne(alert.id, row.id),
      ),
    )
    .orderBy(desc(alert.lastAt))
    .limit(MAX_LEADING)
    .as('leading');
  const [found] = await tx
    .select({ id: leading.id })
    .from(leading)
    .where(sql`${leading.parties}->'items' ? ${row.subjectId}`)
    .limit(1);
  return found?.id ?? '';
}

/** Takes in the unresolved alerts about new parties; who is being written by another worker just now stays outside. */
export async function gatherParties(tx: Transaction, leader: Row, before: Parties): Promise<Alert[]> {
  const fresh = (now: Row['actors'], old: Row['actors']) => {
    const known = new Set(old.items);
    return now === old ? [] : now.items.filter((id) => !known.has(id));
  };
  const actors = fresh(leader.actors, before.actors);
  const addresses = fresh(leader.addresses, before.addresses);
  if (!leadsOthers(leader) || actors.length + addresses.length === 0) return [];
  const named = or(
    ...[actors.length > 0 ? and(eq(alert.subjectType, 'actor'), inArray(alert.subjectId, actors)) : undefined],
    ...[addresses.length > 0 ? and(eq(alert.subjectType, 'address'), inArray(alert.subjectId, addresses)) : undefined],
  );
  const free = and(
    eq(alert.service, leader.service),
    named,
    ne(alert.state, 'resolved'),
    eq(alert.campaign, ''),
    eq(alert.leads, false),
    gte(alert.lastAt, leader.firstAt - NEAR_MS),
    ne(alert.id, leader.id),
  );
  const found = await tx.select({ id: alert.id }).from(alert).where(free).for('update', { skipLocked: true });
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const rows = await tx.update(alert).set({ campaign: leader.id }).where(inArray(alert.id, ids)).returning();
  return rows.map(toAlert);
}
