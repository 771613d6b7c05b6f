/**
 * Sessions: families of refresh tokens. Refresh, sign-out, revocation and reuse all take the session's row lock first,
 * so that they have one order (RFC 9700, 4.14.2). A retry within ten seconds gets the same successor again, because an
 * answer may be lost and tabs race; anything else that presents a rotated token ends the family.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Person, PersonAttributes } from '@plimsoll/contracts';
import { and, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import { readAccount } from './accounts.js';
import { recordAudit } from './audit.js';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { attributesOf, hashOf, newSecret, toPerson } from './people.js';
import { person, refreshToken, session } from './schema.js';

export const SESSION_END_MS = 12 * 3_600_000;
export const SESSION_IDLE_MS = 60 * 60_000;
/** For this long a rotated token still answers with the successor that it got. */
export const RETRY_MS = 10_000;
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

export interface OpenSession {
  session: SessionState;
  /** 256 random bits, base64url. The only time that it exists in clear outside the browser. */
  refreshToken: string;
}

/** `rotated`: a new token, or the same successor for a retry. `reused`: the family has just been ended. */
export type Rotation =
  | ({ type: 'rotated' } & OpenSession)
  | { type: 'reused'; sessionId: string }
  | { type: 'refused'; reason: 'unknown' | 'revoked' | 'expired' };

type Row = typeof session.$inferSelect;
type PersonRow = typeof person.$inferSelect;
type TokenRow = typeof refreshToken.$inferSelect;

function toState(row: Row, owner: PersonRow): SessionState {
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
  return { session: toState(row!, owner), refreshToken: token };
}

/**
 * Exchanges a refresh token for its successor. Never throws for a bad token; a reuse is committed before this returns.
 *
 * @param address whence it came, for the audit of a reuse.
 */
export async function rotateSession(db: Database, presented: string, address: string, now: number): Promise<Rotation> {
  const hash = hashOf(presented);
  return db.transaction(async (tx): Promise<Rotation> => {
    const [found] = await tx.select({ id: refreshToken.sessionId }).from(refreshToken).where(eq(refreshToken.hash, hash));
    if (found === undefined) return { type: 'refused', reason: 'unknown' };
    const row = await lockSession(tx, found.id);
    if (row === undefined) return { type: 'refused', reason: 'unknown' };
    if (row.revokedAt !== null) return { type: 'refused', reason: 'revoked' };
    if (now >= Math.min(row.expiresAt, row.lastUsedAt + SESSION_IDLE_MS)) {
      await end(tx, row.id, 'expired', now);
      return { type: 'refused', reason: 'expired' };
    }
    const [token] = await tx.select().from(refreshToken).where(eq(refreshToken.hash, hash));
    const next =
      token && (token.rotatedAt === null ? await rotate(tx, token, presented, now) : await retry(tx, token, presented, now));
    if (next === undefined) {
      await end(tx, row.id, 'reuse', now);
      const detail = { generation: token?.generation };
      await recordAudit(tx, { at: now, personId: row.personId, action: 'session.reuse', object: row.id, detail, address });
      return { type: 'reused', sessionId: row.id };
    }
    const [owner] = await tx.select().from(person).where(eq(person.id, row.personId));
    return { type: 'rotated', session: toState({ ...row, lastUsedAt: now }, owner!), refreshToken: next };
  });
}

/** Ends one session. False where it had ended before or never was. */
export async function revokeSession(tx: Transaction, id: string, reason: string, now: number): Promise<boolean> {
  const row = await lockSession(tx, id);
  if (row === undefined || row.revokedAt !== null) return false;
  await end(tx, id, reason, now);
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
export async function readSessions(db: Database, ids: string[]): Promise<Map<string, SessionState>> {
  if (ids.length === 0) return new Map();
  const rows = await db.select().from(session).innerJoin(person, eq(session.personId, person.id)).where(inArray(session.id, ids));
  return new Map(rows.map((row) => [row.session.id, toState(row.session, row.person)]));
}

async function lockSession(tx: Transaction, id: string): Promise<Row | undefined> {
  const [row] = await tx.select().from(session).where(eq(session.id, id)).for('update');
  return row;
}

const end = (tx: Transaction, id: string, reason: string, now: number) =>
  tx.update(session).set({ revokedAt: now, revokedReason: reason }).where(eq(session.id, id));

async function rotate(tx: Transaction, token: TokenRow, presented: string, now: number): Promise<string> {
  const next = newSecret();
  const { sessionId, generation } = token;
  await tx.insert(refreshToken).values({ hash: hashOf(next), sessionId, generation: generation + 1, createdAt: now });
  await tx
    .update(refreshToken)
    .set({ rotatedAt: now, successor: seal(next, presented) })
    .where(eq(refreshToken.hash, token.hash));
  await tx.update(session).set({ lastUsedAt: now }).where(eq(session.id, sessionId));
  return next;
}

/** The successor once more, if the token was rotated a moment ago and nobody has used the successor; else undefined. */
async function retry(tx: Transaction, token: TokenRow, presented: string, now: number): Promise<string | undefined> {
  if (token.rotatedAt === null || token.successor === null || now - token.rotatedAt >= RETRY_MS) return undefined;
  const [child] = await tx
    .select({ rotatedAt: refreshToken.rotatedAt })
    .from(refreshToken)
    .where(and(eq(refreshToken.sessionId, token.sessionId), eq(refreshToken.generation, token.generation + 1)));
  return child?.rotatedAt === null ? unseal(token.successor, presented) : undefined;
}

const keyFrom = (presented: string, salt: Buffer) =>
  Buffer.from(hkdfSync('sha256', presented, salt, 'plimsoll refresh successor', 32));

/** Only who presents the parent can read the successor: the database alone reveals no usable token. */
function seal(next: string, presented: string): string {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', keyFrom(presented, salt), nonce);
  const sealed = Buffer.concat([cipher.update(next, 'utf8'), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

function unseal(text: string, presented: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(presented, bytes.subarray(0, 16)), bytes.subarray(16, 28));
  decipher.setAuthTag(bytes.subarray(28, 44));
  return Buffer.concat([decipher.update(bytes.subarray(44)), decipher.final()]).toString('utf8');
}

/** Bounds the tables: what ended a month ago goes when somebody signs in. */
async function sweep(tx: Transaction, now: number): Promise<void> {
  const old = tx
    .select({ id: session.id })
    .from(session)
    .where(lt(session.expiresAt, now - SESSION_KEPT_MS));
  await tx.delete(refreshToken).where(inArray(refreshToken.sessionId, old));
  await tx.delete(session).where(lt(session.expiresAt, now - SESSION_KEPT_MS));
}
