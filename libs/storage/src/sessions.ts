/**
 * Sessions: who signed in, how, with which key, and until when. Each is a family of refresh tokens (refresh.ts). Refresh,
 * sign-out, revocation and reuse all take the session's row lock first, so that they have one order (RFC 9700, 4.14.2).
 */
import type { Person, PersonAttributes } from '@plimsoll/contracts';
import { and, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import { readAccount } from './accounts.js';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { attributesOf, hashOf, newSecret, toPerson } from './people.js';
import { person, refreshToken, session } from './schema.js';
import { passkey } from './schema-people.js';

export const SESSION_END_MS = 12 * 3_600_000;
export const SESSION_IDLE_MS = 60 * 60_000;
/** Sessions that ended are kept for this long, for whoever asks what happened. */
const SESSION_KEPT_MS = 30 * 24 * 3_600_000;

/** How a person has shown who it is (RFC 8176's `amr`, in our words). */
export type AuthMethod = 'link' | 'passkey' | 'recovery';
/** What that is worth, as in NIST SP 800-63B: a link is one factor, a passkey with user verification two. */
export type Assurance = 'aal1' | 'aal2';
export const assuranceOf = (amr: AuthMethod): Assurance => (amr === 'passkey' ? 'aal2' : 'aal1');

/** What an access check needs to know. */
export interface SessionState {
  id: string;
  person: Person;
  attributes: PersonAttributes;
  tokenVersion: number;
  /** RFC 7638 thumbprint of the key that refreshes and access tokens are bound to. */
  jkt: string;
  amr: AuthMethod;
  acr: Assurance;
  /** When the person last showed who it is, milliseconds. */
  authAt: number;
  /** Milliseconds; the end by age or by idleness, whichever comes first. */
  endsAt: number;
  revoked: boolean;
}

/** With what the person could prove presence by. */
export interface ProvableSession extends SessionState {
  /** How many the person has. */
  passkeys: number;
  /** There is one, and none can leave the device on which it was made (flag BE; WebAuthn Level 3, 6.1.3). */
  deviceBound: boolean;
}

export interface OpenSession {
  session: SessionState;
  /** 256 random bits, base64url. The only time that it exists in clear outside the browser. */
  refreshToken: string;
}

export type SessionRow = typeof session.$inferSelect;
type PersonRow = typeof person.$inferSelect;

export function toSessionState(row: SessionRow, owner: PersonRow): SessionState {
  return {
    id: row.id,
    person: toPerson(owner),
    attributes: attributesOf(owner),
    tokenVersion: owner.tokenVersion,
    jkt: row.jkt,
    amr: row.amr as AuthMethod,
    acr: row.acr as Assurance,
    authAt: row.authAt,
    endsAt: Math.min(row.expiresAt, row.lastUsedAt + SESSION_IDLE_MS),
    revoked: row.revokedAt !== null,
  };
}

/** How somebody came in. */
export interface SignIn {
  personId: string;
  userAgent: string;
  jkt: string;
  amr: AuthMethod;
  /** Whence it came. */
  address?: string;
}

/** Nobody signs in as this person. Callers look before; this is for the moment in between. */
export class PersonDisabled extends Error {}

/** Always a new session: none is taken over from before the sign-in. */
export async function openSession(tx: Transaction, signIn: SignIn, now: number): Promise<OpenSession> {
  const { personId, userAgent, jkt, amr, address = '' } = signIn;
  // Waits for whoever ends all of the person's sessions just now: this one comes before that, or after it.
  const [owner] = await tx.select().from(person).where(eq(person.id, personId)).for('share');
  if (owner === undefined) throw new Error(`no such person: ${personId}`);
  if ((await readAccount(tx, personId))?.disabledAt != null) throw new PersonDisabled(personId);
  await sweep(tx, now);
  const token = newSecret();
  const [row] = await tx
    .insert(session)
    .values({
      ...{ id: newId('ses'), personId, userAgent, createdAt: now, lastUsedAt: now, expiresAt: now + SESSION_END_MS },
      ...{ jkt, amr, acr: assuranceOf(amr), authAt: now, address },
    })
    .returning();
  await tx.insert(refreshToken).values({ hash: hashOf(token), sessionId: row!.id, generation: 1, createdAt: now });
  return { session: toSessionState(row!, owner), refreshToken: token };
}

/** Ends one session. False where it had ended before or never was. */
export async function revokeSession(tx: Transaction, id: string, reason: string, now: number): Promise<boolean> {
  const row = await lockSession(tx, id);
  if (row === undefined || row.revokedAt !== null) return false;
  await endSession(tx, id, reason, now);
  return true;
}

/** Ends every session of a person and voids every access token. Returns the ids of the sessions that it ended. */
export async function revokePersonSessions(tx: Transaction, personId: string, reason: string, now: number): Promise<string[]> {
  await tx
    .update(person)
    .set({ tokenVersion: sql`${person.tokenVersion} + 1` })
    .where(eq(person.id, personId));
  const rows = await tx
    .update(session)
    .set({ revokedAt: now, revokedReason: reason })
    .where(and(eq(session.personId, personId), isNull(session.revokedAt)))
    .returning({ id: session.id });
  return rows.map((row) => row.id);
}

/** The person has shown once more who it is, in this session: `auth_at` moves, and the method is the one just used. */
export async function noteAuthentication(tx: Transaction, id: string, amr: AuthMethod, now: number): Promise<void> {
  await tx
    .update(session)
    .set({ amr, acr: assuranceOf(amr), authAt: now })
    .where(eq(session.id, id));
}

/** States of sessions by id; those that never were are absent. */
export async function readSessions(db: Database, ids: string[]): Promise<Map<string, ProvableSession>> {
  if (ids.length === 0) return new Map();
  const own = sql`from ${passkey} where ${passkey.personId} = ${person.id}`;
  const rows = await db
    .select({
      ...{ session, person },
      passkeys: sql<number>`(select count(*)::int ${own})`,
      deviceBound: sql<boolean>`coalesce((select bool_and(not ${passkey.backupEligible}) ${own}), false)`,
    })
    .from(session)
    .innerJoin(person, eq(session.personId, person.id))
    .where(inArray(session.id, ids));
  return new Map(
    rows.map(({ passkeys, deviceBound, ...row }) => [
      row.session.id,
      { ...toSessionState(row.session, row.person), passkeys, deviceBound },
    ]),
  );
}

/** The row, locked: what refreshes, ends or revokes a session takes this first. */
export async function lockSession(tx: Transaction, id: string): Promise<SessionRow | undefined> {
  const [row] = await tx.select().from(session).where(eq(session.id, id)).for('update');
  return row;
}

export const endSession = (tx: Transaction, id: string, reason: string, now: number) =>
  tx.update(session).set({ revokedAt: now, revokedReason: reason }).where(eq(session.id, id));

/** Bounds the tables: what ended a month ago goes when somebody signs in. */
async function sweep(tx: Transaction, now: number): Promise<void> {
  const old = tx
    .select({ id: session.id })
    .from(session)
    .where(lt(session.expiresAt, now - SESSION_KEPT_MS));
  await tx.delete(refreshToken).where(inArray(refreshToken.sessionId, old));
  await tx.delete(session).where(lt(session.expiresAt, now - SESSION_KEPT_MS));
}
