/**
 * The second person: a global action is asked for by one owner and answered by another, for this call and no other, within a day.
 * Whether the installation asks for it is a setting that two persons switch off as well.
 */
import type { Approval } from '@plimsoll/contracts';
import { and, count, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { person } from './schema.js';
import { account, approval, consoleSetting } from './schema-people.js';

/** For an answer, and then for the repeated call. */
export const APPROVAL_MS = 24 * 3_600_000;
/** Of one person at a time. */
const MAX_WAITING = 20;
const TWO_PERSONS = 'two-persons';

export async function twoPersons(db: Database | Transaction): Promise<boolean> {
  const [row] = await db.select().from(consoleSetting).where(eq(consoleSetting.name, TWO_PERSONS));
  return row?.value === true;
}

export async function setTwoPersons(tx: Transaction, on: boolean): Promise<void> {
  await tx
    .insert(consoleSetting)
    .values({ name: TWO_PERSONS, value: on })
    .onConflictDoUpdate({ target: consoleSetting.name, set: { value: on } });
}

export interface Call {
  operation: string;
  params: Record<string, string>;
  body: Record<string, unknown>;
  /** SHA-256 of the three and the query. */
  digest: string;
}

/** Uses an approval up. False where this person has none for this call, or its giver is no owner of every team any more. */
export async function spendApproval(tx: Transaction, personId: string, digest: string, now: number): Promise<boolean> {
  const [found] = await tx
    .select({ id: approval.id })
    .from(approval)
    .innerJoin(person, eq(person.id, approval.answeredBy))
    .leftJoin(account, eq(account.personId, approval.answeredBy))
    .where(
      and(
        eq(approval.askedBy, personId),
        eq(approval.digest, digest),
        eq(approval.state, 'approved'),
        gt(approval.expiresAt, now),
        eq(person.role, 'owner'),
        sql`coalesce((${person.attributes} ->> 'everyTeam')::boolean, true)`,
        isNull(account.disabledAt),
      ),
    )
    .limit(1)
    .for('update', { of: approval, skipLocked: true });
  if (found === undefined) return false;
  await tx.update(approval).set({ state: 'done' }).where(eq(approval.id, found.id));
  return true;
}

/** Asks for a second person's word; the same call asked for again is not asked twice. False where too many of this person wait. */
export async function askApproval(tx: Transaction, personId: string, call: Call, now: number): Promise<boolean> {
  const waiting = and(eq(approval.askedBy, personId), eq(approval.state, 'waiting'), gt(approval.expiresAt, now));
  const [same] = await tx
    .select({ id: approval.id })
    .from(approval)
    .where(and(waiting, eq(approval.digest, call.digest)));
  if (same) return true;
  const [row] = await tx.select({ waiting: count() }).from(approval).where(waiting);
  if ((row?.waiting ?? 0) >= MAX_WAITING) return false;
  await tx.delete(approval).where(lt(approval.askedAt, now - 30 * APPROVAL_MS));
  const values = { ...call, id: newId('apr'), askedBy: personId, askedAt: now, state: 'waiting', expiresAt: now + APPROVAL_MS };
  await tx.insert(approval).values(values);
  return true;
}

/** Those of the last day, newest first. */
export async function listApprovals(db: Database | Transaction, personId: string, now: number): Promise<Approval[]> {
  const [asker, answerer] = [alias(person, 'asker'), alias(person, 'answerer')];
  const rows = await db
    .select({ row: approval, askedBy: asker.name, answeredBy: answerer.name })
    .from(approval)
    .innerJoin(asker, eq(asker.id, approval.askedBy))
    .leftJoin(answerer, eq(answerer.id, approval.answeredBy))
    .where(gt(approval.expiresAt, now))
    .orderBy(desc(approval.askedAt), desc(approval.id))
    .limit(100);
  return rows.map(({ row, askedBy, answeredBy }) => ({
    ...{ id: row.id, operation: row.operation, params: row.params, body: row.body, askedAt: row.askedAt, until: row.expiresAt },
    ...{ askedBy, answeredBy, own: row.askedBy === personId, state: row.state as Approval['state'] },
  }));
}

/** `own`: nobody approves what that person asked for. `over`: it was answered or has run out. */
export type Answered = { type: 'answered'; approval: Approval } | { type: 'missing' } | { type: 'own' } | { type: 'over' };

export async function answerApproval(
  tx: Transaction,
  { id, personId, yes }: { id: string; personId: string; yes: boolean },
  now: number,
): Promise<Answered> {
  const [row] = await tx.select().from(approval).where(eq(approval.id, id)).for('update');
  if (row === undefined) return { type: 'missing' };
  if (yes && row.askedBy === personId) return { type: 'own' };
  if (row.expiresAt <= now || (row.state !== 'waiting' && (yes || row.state !== 'approved'))) return { type: 'over' };
  const values = { state: yes ? 'approved' : 'rejected', answeredBy: personId, answeredAt: now };
  await tx
    .update(approval)
    .set({ ...values, expiresAt: now + APPROVAL_MS })
    .where(eq(approval.id, id));
  const answered = (await listApprovals(tx, personId, now)).find((each) => each.id === id);
  return { type: 'answered', approval: answered! };
}
