/** Decisions as people read them: the list, newest first or by their end, and what a dry run would have done. */
import type { Decision, DecisionMode, DecisionOrder, DryRun, EnforceableSubject, Origin } from '@plimsoll/contracts';
import { and, asc, desc, eq, gt, inArray, max, ne, not, sql } from 'drizzle-orm';
import { heldAddress } from './addresses.js';
import { ahead, behind, type Cursor, type Page, toPage } from './cursors.js';
import type { Database, Transaction } from './database.js';
import { inForce, standsAt, toDecision } from './decisions.js';
import { decision } from './schema.js';
import { type Within, withinServices } from './within.js';

export interface DecisionFilter {
  within: Within;
  service?: string | undefined;
  /** True: in force at `now`, or pending, watched or on a dry run where `mode` asks for it. False: not, or no longer. */
  active?: boolean | undefined;
  mode?: DecisionMode | undefined;
  /** Made by policies, or by people. */
  origin?: Origin['type'] | undefined;
  /** A part of the subject's id, literally: no wildcards. */
  subject?: string | undefined;
  /** Exactly this one; of an address also the network that a decision on it holds. */
  subjectType?: EnforceableSubject['type'] | undefined;
  subjectId?: string | undefined;
  /** What holds on it: decisions about it alone, and those that hold everywhere. */
  endpoint?: string | undefined;
  order?: DecisionOrder | undefined;
  /** Of a list in the same order. */
  cursor?: Cursor | undefined;
  limit: number;
}

const about = ({ subjectType: type, subjectId: id, endpoint }: DecisionFilter) =>
  and(
    type === undefined ? undefined : eq(decision.subjectType, type),
    id === undefined ? undefined : inArray(decision.subjectId, [id, type === 'address' ? heldAddress(id) : id]),
    endpoint === undefined ? undefined : inArray(decision.endpoint, [endpoint, EVERYWHERE]),
  );

/** As the column has it. */
const EVERYWHERE = '';

const orders = {
  newest: { by: decision.createdAt, direction: desc, rest: behind },
  ending: { by: decision.until, direction: asc, rest: ahead },
} as const satisfies Record<DecisionOrder, object>;

/** One decision by its id. */
export async function findDecision(db: Database | Transaction, id: string): Promise<Decision | undefined> {
  const [row] = await db.select().from(decision).where(eq(decision.id, id));
  return row && toDecision(row);
}

/** Blocks of a service that wait for a person. */
export function countPending(db: Database | Transaction, serviceId: string, now: number): Promise<number> {
  return db.$count(decision, and(eq(decision.service, serviceId), eq(decision.mode, 'pending'), standsAt(now)));
}

/** Newest first, or who is let go first; `now`, in milliseconds, says which are in force. */
export async function listDecisions(db: Database, filter: DecisionFilter, now: number): Promise<Page<Decision>> {
  const { within, service, active, mode, origin, subject, order = 'newest', cursor, limit } = filter;
  const { by, direction, rest } = orders[order];
  const holds = (mode === undefined ? inForce(now) : standsAt(now))!;
  const rows = await db
    .select()
    .from(decision)
    .where(
      and(
        withinServices(decision.service, within),
        service === undefined ? undefined : eq(decision.service, service),
        active === undefined ? undefined : active ? holds : not(holds),
        mode === undefined ? undefined : eq(decision.mode, mode),
        origin === undefined ? undefined : sql`${decision.origin}->>'type' = ${origin}`,
        subject === undefined ? undefined : sql`strpos(${decision.subjectId}, ${subject}) > 0`,
        about(filter),
        rest(cursor, by, decision.id),
      ),
    )
    .orderBy(direction(by), asc(decision.id))
    .limit(limit + 1);
  return toPage(rows, limit, toDecision, ({ id, createdAt, until }) => ({ at: order === 'ending' ? until : createdAt, id }));
}

/** Subjects listed of a dry run. */
const MOST_SUBJECTS = 100;

/** Whom the policies of a service on a dry run would have throttled and blocked since then, milliseconds. */
export async function readDryRun(db: Database, serviceId: string, since: number): Promise<DryRun> {
  const made = and(
    eq(decision.service, serviceId),
    eq(decision.mode, 'dry-run'),
    ne(decision.action, 'monitor'),
    gt(decision.createdAt, since),
  );
  const times = (action: string) => sql<number>`count(*) filter (where ${decision.action} = ${action})`.mapWith(Number);
  const bySubject = db
    .select({
      type: decision.subjectType,
      id: decision.subjectId,
      blocks: times('block').as('blocks'),
      throttles: times('throttle').as('throttles'),
      lastAt: max(decision.createdAt).mapWith(Number).as('last_at'),
      alertId: sql<string | null>`(array_agg(${decision.alertId} order by ${decision.createdAt} desc))[1]`.as('last_alert'),
      reason: sql<string>`(array_agg(${decision.reason} order by ${decision.createdAt} desc))[1]`.as('last_reason'),
    })
    .from(decision)
    .where(made)
    .groupBy(decision.subjectType, decision.subjectId)
    .as('by_subject');
  const [sums] = await db
    .select({
      blocked: sql<number>`count(*) filter (where ${bySubject.blocks} > 0)`.mapWith(Number),
      throttled: sql<number>`count(*) filter (where ${bySubject.throttles} > 0)`.mapWith(Number),
    })
    .from(bySubject);
  const rows = await db.select().from(bySubject).orderBy(desc(bySubject.lastAt), asc(bySubject.id)).limit(MOST_SUBJECTS);
  const subjects = rows.map(({ type, id, ...rest }) => ({
    subject: { type: type as EnforceableSubject['type'], id },
    ...rest,
  }));
  return { since, blocked: sums?.blocked ?? 0, throttled: sums?.throttled ?? 0, subjects };
}
