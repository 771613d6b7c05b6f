/**
 * Which alerts belong together: an alert in which several actors or addresses took part leads, and the alerts about one of
 * them in the same service and hour belong to it. One level deep: an alert that leads belongs to none.
 */
import { type Alert, type AlertState, type CampaignSize, MOST_IN_CAMPAIGN } from '@plimsoll/contracts';
import { and, desc, eq, gte, inArray, ne, or, sql } from 'drizzle-orm';
import type { AlertClass } from './alert-counts.js';
import { toAlert } from './alert-queries.js';
import type { Database, Transaction } from './database.js';
import { alert } from './schema.js';
import { type Within, withinServices } from './within.js';

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

/**
 * How many alerts belong to each of these, in these states. Reads what belongs, by its index, and of each at most
 * MOST_IN_CAMPAIGN: however many alerts there are.
 *
 * @param counted the walls, and which classes count
 * @returns those that have any
 */
export async function campaignSizes(
  db: Database,
  { alerts, state }: { alerts: readonly string[]; state?: readonly AlertState[] | undefined },
  counted: { within: Within; alert: (one: AlertClass) => boolean },
): Promise<CampaignSize[]> {
  if (alerts.length === 0) return [];
  const belongs = and(
    eq(alert.campaign, sql`head.id`),
    sql`campaign <> ''`,
    withinServices(alert.service, counted.within),
    state && inArray(alert.state, [...state]),
  );
  const { rows } = await db.execute<AlertClass & CampaignSize>(sql`
    select head.id, one.service, one.kind, one.severity, one.state, one.subject_type as "subjectType", count(*)::int as alerts
    from unnest(${sql.param([...alerts])}::text[]) as head(id)
    cross join lateral (
      select service, kind, severity, state, subject_type from ${alert} where ${belongs} limit ${MOST_IN_CAMPAIGN}
    ) as one
    group by 1, 2, 3, 4, 5, 6`);
  const sizes = new Map<string, number>();
  for (const row of rows.filter(counted.alert)) sizes.set(row.id, (sizes.get(row.id) ?? 0) + row.alerts);
  return [...sizes].map(([id, number]) => ({ id, alerts: number }));
}
