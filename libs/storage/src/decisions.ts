/**
 * Decisions: the orders for machines, versioned per service. Every change (created, prolonged, lifted) takes the row
 * lock of the service and its next feed version, so that versions appear in commit order and a feed never skips one.
 * A person's word is final: a policy neither decides over a person's decision nor again what a person has just lifted.
 * The allow-list is above both: nobody on it is decided about. What is not enforced (a dry run, a block that waits for
 * a person, a step that only watches) takes versions too, so that pages know which is newer; bouncers see none of it.
 */
import type { Decision, DecisionMode, EnforceableSubject, Origin, RateLimit } from '@plimsoll/contracts';
import { and, asc, eq, gt, isNotNull, isNull, ne, or, sql } from 'drizzle-orm';
import { heldAddress } from './addresses.js';
import { allows } from './allow-list.js';
import type { Transaction } from './database.js';
import { markVersion } from './feed-marks.js';
import { newId } from './ids.js';
import { hasProvedItself } from './proof-hold.js';
import { decision, service } from './schema.js';

export interface DecisionDraft {
  service: string;
  action: Decision['action'];
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
  /** Live sources that it may stop; one where it is absent. */
  weight?: number;
  /** How many live sources policies may newly block within {@link ROOM_MS}; absent: any. */
  room?: number | undefined;
}
type PersonDraft = DecisionDraft & { origin: { type: 'person' } };

/** `lifted`: now. `over`: it had ended or was lifted before; nothing was changed. */
export type Lift = { type: 'lifted' | 'over'; decision: Decision } | { type: 'missing' };

/** For this long after a person has lifted a policy's decision, policies leave that subject and endpoint alone. */
export const LIFT_HOLD_MS = 10 * 60_000;
/** Blocks of policies made within this time count together, see {@link DecisionDraft.room}. */
export const ROOM_MS = 60_000;
type Row = typeof decision.$inferSelect;

/** A person wants to decide about somebody on the allow-list. */
export class AllowListed extends Error {
  constructor(readonly subject: EnforceableSubject) {
    super(`on the allow-list: ${subject.type}`);
  }
}

export function toDecision(row: Row): Decision {
  return {
    id: row.id,
    service: row.service,
    version: row.version,
    mode: row.mode as DecisionMode,
    action: row.action as Decision['action'],
    seconds: row.seconds,
    weight: row.weight,
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

/** Neither ended nor lifted, in whatever mode. */
export const standsAt = (now: number) => and(isNull(decision.liftedAt), gt(decision.until, now));
/** What bouncers are told. */
export const isEnforced = and(eq(decision.mode, 'enforced'), ne(decision.action, 'monitor'));
export const inForce = (now: number) => and(standsAt(now), isEnforced);

/**
 * Makes a decision and takes the place of what it makes void: an earlier one of the same origin and mode on the same
 * subject and endpoint, and, for a person, a policy's wherever it overlaps. What is replaced counts as lifted by nobody.
 * A policy's is only recorded where the service is on a dry run, and waits for a person where there is no room for it.
 *
 * @returns undefined where a person's decision, a person's lift of the last {@link LIFT_HOLD_MS} or the allow-list stands
 * against a policy's, or the actor has just proved itself and the policy's is no block.
 * @throws AllowListed where the allow-list stands against a person's; an error where the service does not exist.
 */
export function createDecision(tx: Transaction, draft: PersonDraft, now: number): Promise<Decision>;
export function createDecision(tx: Transaction, draft: DecisionDraft, now: number): Promise<Decision | undefined>;
export async function createDecision(tx: Transaction, asked: DecisionDraft, now: number): Promise<Decision | undefined> {
  const draft = { ...asked, subject: heldSubject(asked.subject) };
  const owner = await lockFeed(tx, draft.service);
  const byPerson = draft.origin.type === 'person';
  const listed = allows(owner.settings, asked.subject) || allows(owner.settings, draft.subject);
  if (listed && byPerson) throw new AllowListed(draft.subject);
  if (listed || (!byPerson && (await personStandsAgainst(tx, draft, now)))) return undefined;
  if (!byPerson && draft.action !== 'block' && (await hasProvedItself(tx, draft, now))) return undefined;
  const mode = byPerson ? 'enforced' : owner.dryRun ? 'dry-run' : (await hasRoom(tx, draft, now)) ? 'enforced' : 'pending';
  const version = await nextVersion(tx, draft.service);
  await tx
    .update(decision)
    .set({ version, liftedAt: now, changedAt: now })
    .where(and(onSubject(draft), standsAt(now), madeVoidBy(draft, mode)));
  const [row] = await tx
    .insert(decision)
    .values({
      id: newId('dec'),
      service: draft.service,
      version,
      mode,
      action: draft.action,
      seconds: Math.round((draft.until - now) / 1000),
      weight: draft.weight ?? 1,
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
  // What has ended is not lifted by a dry run that begins, or by an entry of the allow-list: nor is it revived.
  const { settings, dryRun } = await lockFeed(tx, row.service);
  if ((dryRun && row.mode !== 'dry-run') || allows(settings, toDecision(row).subject)) return undefined;
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

/**
 * Puts a pending block in force, for the whole of its step from now on.
 *
 * @returns `over` where it is not pending, or no longer.
 */
export async function confirmDecision(
  tx: Transaction,
  id: string,
  now: number,
): Promise<{ type: 'confirmed' | 'over'; decision: Decision } | { type: 'missing' }> {
  const row = await lockDecision(tx, id);
  if (row === undefined) return { type: 'missing' };
  const pending = toDecision(row);
  if (row.mode !== 'pending' || row.liftedAt !== null || row.until <= now) return { type: 'over', decision: pending };
  const version = await nextVersion(tx, row.service);
  await tx
    .update(decision)
    .set({ version, liftedAt: now, changedAt: now })
    .where(and(onSubject(pending), standsAt(now), madeVoidBy(pending, 'enforced')));
  const [confirmed] = await tx
    .update(decision)
    .set({ version, mode: 'enforced', until: now + row.seconds * 1000, changedAt: now })
    .where(eq(decision.id, id))
    .returning();
  return { type: 'confirmed', decision: toDecision(confirmed!) };
}

/** Not `for update`: alerts refer to the service, and their transactions' shared key locks would wait for each other here. */
export async function lockFeed(tx: Transaction, id: string) {
  const [row] = await tx
    .select({ dryRun: service.dryRun, settings: service.settings })
    .from(service)
    .where(eq(service.id, id))
    .for('no key update');
  if (row === undefined) throw new Error(`no such service: ${id}`);
  return row;
}

/** The decision as it is once the lock of its service is held. */
async function lockDecision(tx: Transaction, id: string): Promise<Row | undefined> {
  const [owner] = await tx.select({ service: decision.service }).from(decision).where(eq(decision.id, id));
  if (owner === undefined) return undefined;
  await lockFeed(tx, owner.service);
  const [row] = await tx.select().from(decision).where(eq(decision.id, id));
  return row;
}

/** The service's next feed version; the caller holds its row. */
export async function nextVersion(tx: Transaction, id: string): Promise<number> {
  const [row] = await tx
    .update(service)
    .set({ feedVersion: sql`${service.feedVersion} + 1` })
    .where(eq(service.id, id))
    .returning({ version: service.feedVersion });
  await markVersion(tx, id, row!.version);
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

function madeVoidBy(draft: Pick<DecisionDraft, 'origin' | 'endpoint'>, mode: DecisionMode) {
  const sameKind = and(ofOrigin(draft.origin.type), eq(decision.endpoint, draft.endpoint ?? ''), eq(decision.mode, mode));
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

/** Whether policies may block one more: what they blocked within the last minute, and this, fit into the room. */
async function hasRoom(tx: Transaction, draft: DecisionDraft, now: number): Promise<boolean> {
  const { action, room, weight = 1 } = draft;
  if (action !== 'block' || room === undefined) return true;
  const blocked = and(eq(decision.service, draft.service), ofOrigin('policy'), isEnforced, eq(decision.action, 'block'));
  // Only a block that stops them here already: one on another endpoint says nothing of this one.
  const here = or(eq(decision.endpoint, ''), eq(decision.endpoint, draft.endpoint ?? ''));
  const onIt = and(blocked, onSubject(draft), standsAt(now), here);
  const [known] = await tx.select({ id: decision.id }).from(decision).where(onIt).limit(1);
  if (known) return true;
  const [row] = await tx
    .select({ weight: sql<number>`coalesce(sum(${decision.weight}), 0)`.mapWith(Number) })
    .from(decision)
    .where(and(blocked, isNull(decision.liftedAt), gt(decision.createdAt, now - ROOM_MS)));
  return (row?.weight ?? 0) + weight <= room;
}
