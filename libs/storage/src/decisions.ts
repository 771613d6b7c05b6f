/**
 * Decisions: the orders for machines, versioned per service. Every change (created, prolonged, lifted) takes the row
 * lock of the service and its next feed version, so that versions appear in commit order and a feed never skips one.
 * A person's word is final: a policy neither decides over a person's decision nor again what a person has just lifted.
 */
import type { Decision, DecisionAction, EnforceableSubject, Origin, RateLimit } from '@plimsoll/contracts';
import { and, asc, eq, gt, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { heldAddress } from './addresses.js';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { hasProvedItself } from './proof-hold.js';
import { decision, service } from './schema.js';

export interface DecisionDraft {
  service: string;
  action: DecisionAction;
  subject: EnforceableSubject;
  /** Null: everywhere in the service. */
  endpoint: string | null;
  /** For throttles; null for the others. */
  rate: RateLimit | null;
  reason: string;
  origin: Origin;
  alertId: string | null;
  /** Milliseconds since the epoch. */
  until: number;
}
type PersonDraft = DecisionDraft & { origin: { type: 'person' } };

/** `lifted`: now. `over`: it had ended or was lifted before; nothing was changed. */
export type Lift = { type: 'lifted' | 'over'; decision: Decision } | { type: 'missing' };

/** For this long after a person has lifted a policy's decision, policies leave that subject and endpoint alone. */
export const LIFT_HOLD_MS = 10 * 60_000;
type Row = typeof decision.$inferSelect;

export function toDecision(row: Row): Decision {
  return {
    id: row.id,
    service: row.service,
    version: row.version,
    action: row.action as DecisionAction,
    subject: { type: row.subjectType as EnforceableSubject['type'], id: row.subjectId },
    endpoint: row.endpoint === '' ? null : row.endpoint,
    rate: row.rate,
    reason: row.reason,
    origin: row.origin,
    alertId: row.alertId,
    createdAt: row.createdAt,
    until: row.until,
    changedAt: row.changedAt,
    liftedAt: row.liftedAt,
    liftedBy: row.liftedBy,
    provedAt: row.provedAt,
  };
}

/** A decision on an IPv6 address is one on its /64, see addresses.ts. */
export const heldSubject = (subject: EnforceableSubject): EnforceableSubject =>
  subject.type === 'address' ? { type: 'address', id: heldAddress(subject.id) } : subject;

export const inForce = (now: number) => and(isNull(decision.liftedAt), gt(decision.until, now));

/**
 * Puts a decision in force and takes the place of what it makes void: an earlier one of the same origin on the same
 * subject and endpoint, and, for a person, a policy's wherever it overlaps. What is replaced counts as lifted by nobody.
 *
 * @returns undefined where a person's decision, or a person's lift of the last {@link LIFT_HOLD_MS}, stands against a policy's,
 *   or the actor has just proved itself and the policy's is no block.
 * @throws where the service does not exist.
 */
export function createDecision(tx: Transaction, draft: PersonDraft, now: number): Promise<Decision>;
export function createDecision(tx: Transaction, draft: DecisionDraft, now: number): Promise<Decision | undefined>;
export async function createDecision(tx: Transaction, asked: DecisionDraft, now: number): Promise<Decision | undefined> {
  const draft = { ...asked, subject: heldSubject(asked.subject) };
  await lockFeed(tx, draft.service);
  if (draft.origin.type === 'policy' && (await personStandsAgainst(tx, draft, now))) return undefined;
  if (draft.origin.type === 'policy' && draft.action !== 'block' && (await hasProvedItself(tx, draft, now))) return undefined;
  const version = await nextVersion(tx, draft.service);
  await tx
    .update(decision)
    .set({ version, liftedAt: now, changedAt: now })
    .where(and(onSubject(draft), inForce(now), madeVoidBy(draft)));
  const [row] = await tx
    .insert(decision)
    .values({
      id: newId('dec'),
      service: draft.service,
      version,
      action: draft.action,
      subjectType: draft.subject.type,
      subjectId: draft.subject.id,
      endpoint: draft.endpoint ?? '',
      rate: draft.rate,
      reason: draft.reason,
      origin: draft.origin,
      alertId: draft.alertId,
      createdAt: now,
      until: draft.until,
      changedAt: now,
    })
    .returning();
  return toDecision(row!);
}

/**
 * Moves the end of a policy's decision to `until`; where that is past or no later than its end, nothing changes and no
 * version is taken. One that ended meanwhile is in force again, unless a person has decided since.
 *
 * @returns undefined where there is no such decision, it was lifted, it is a person's, or a person's stands against it.
 */
export async function prolongDecision(tx: Transaction, id: string, until: number, now: number): Promise<Decision | undefined> {
  const row = await lockDecision(tx, id);
  if (row === undefined || row.liftedAt !== null || row.origin.type === 'person') return undefined;
  if (until <= now || until <= row.until) return toDecision(row);
  // While it was in force a person would have made it void; of one that has ended nobody took notice.
  if (row.until <= now && (await personStandsAgainst(tx, toDecision(row), now))) return undefined;
  const version = await nextVersion(tx, row.service);
  const [changed] = await tx.update(decision).set({ version, until, changedAt: now }).where(eq(decision.id, id)).returning();
  return toDecision(changed!);
}

/** Ends a decision before its time on a person's word. */
export async function liftDecision(tx: Transaction, id: string, personName: string, now: number): Promise<Lift> {
  const row = await lockDecision(tx, id);
  if (row === undefined) return { type: 'missing' };
  if (row.liftedAt !== null || row.until <= now) return { type: 'over', decision: toDecision(row) };
  const version = await nextVersion(tx, row.service);
  const [lifted] = await tx
    .update(decision)
    .set({ version, liftedAt: now, changedAt: now, liftedBy: personName })
    .where(eq(decision.id, id))
    .returning();
  return { type: 'lifted', decision: toDecision(lifted!) };
}

/** Not `for update`: alerts refer to the service, and their transactions' shared key locks would wait for each other here. */
export async function lockFeed(tx: Transaction, id: string): Promise<void> {
  const rows = await tx.select({ id: service.id }).from(service).where(eq(service.id, id)).for('no key update');
  if (rows.length === 0) throw new Error(`no such service: ${id}`);
}

/** The decision as it is once the lock of its service is held. */
async function lockDecision(tx: Transaction, id: string): Promise<Row | undefined> {
  const [owner] = await tx.select({ service: decision.service }).from(decision).where(eq(decision.id, id));
  if (owner === undefined) return undefined;
  await lockFeed(tx, owner.service);
  const [row] = await tx.select().from(decision).where(eq(decision.id, id));
  return row;
}

export async function nextVersion(tx: Transaction, id: string): Promise<number> {
  const [row] = await tx
    .update(service)
    .set({ feedVersion: sql`${service.feedVersion} + 1` })
    .where(eq(service.id, id))
    .returning({ version: service.feedVersion });
  return row!.version;
}

/** Whom and where. */
type Target = Pick<Decision, 'service' | 'subject' | 'endpoint'>;

const onSubject = (draft: Target) =>
  and(
    eq(decision.service, draft.service),
    eq(decision.subjectType, draft.subject.type),
    eq(decision.subjectId, draft.subject.id),
  );

const ofOrigin = (type: Origin['type']) => sql`${decision.origin}->>'type' = ${type}`;

/** Same endpoint, or one of the two is about the whole service. */
const overlaps = (endpoint: string | null) =>
  endpoint === null ? undefined : or(eq(decision.endpoint, endpoint), eq(decision.endpoint, ''));

function madeVoidBy(draft: DecisionDraft) {
  const sameKind = and(ofOrigin(draft.origin.type), eq(decision.endpoint, draft.endpoint ?? ''));
  if (draft.origin.type === 'policy') return sameKind;
  return or(sameKind, and(ofOrigin('policy'), overlaps(draft.endpoint)));
}

async function personStandsAgainst(tx: Transaction, draft: Target, now: number): Promise<boolean> {
  const decided = and(ofOrigin('person'), inForce(now));
  const lifted = and(ofOrigin('policy'), isNotNull(decision.liftedBy), gt(decision.liftedAt, now - LIFT_HOLD_MS));
  const rows = await tx
    .select({ id: decision.id })
    .from(decision)
    .where(and(onSubject(draft), overlaps(draft.endpoint), or(decided, lifted)))
    .orderBy(asc(decision.id))
    .limit(1);
  return rows.length > 0;
}

/** Everything in force on any of these subjects. */
export async function decisionsOn(
  db: Database | Transaction,
  serviceId: string,
  subjects: readonly EnforceableSubject[],
  now: number,
): Promise<Decision[]> {
  if (subjects.length === 0) return [];
  const held = subjects.map(heldSubject);
  const ids = [...new Set(held.map(({ id }) => id))];
  const rows = await db
    .select()
    .from(decision)
    .where(and(eq(decision.service, serviceId), inArray(decision.subjectId, ids), inForce(now)));
  const asked = new Set(held.map(({ type, id }) => `${type} ${id}`));
  return rows.filter(({ subjectType, subjectId }) => asked.has(`${subjectType} ${subjectId}`)).map(toDecision);
}

/**
 * Of decisions in force, the one that a policy has to reckon with: a person's that overlaps, else a policy's that holds
 * the whole endpoint.
 */
export function standing(
  decisions: readonly Decision[],
  asked: EnforceableSubject,
  endpoint: string | null,
): Decision | undefined {
  const subject = heldSubject(asked);
  const on = decisions.filter((each) => each.subject.type === subject.type && each.subject.id === subject.id);
  const overlapping = (each: Decision) => endpoint === null || each.endpoint === null || each.endpoint === endpoint;
  return (
    on.find((each) => each.origin.type === 'person' && overlapping(each)) ??
    on.find((each) => each.origin.type === 'policy' && (each.endpoint === endpoint || each.endpoint === null))
  );
}
