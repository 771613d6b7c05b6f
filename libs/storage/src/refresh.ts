/**
 * Refresh: the exchange of a session's token for its successor, for who holds the session's key (RFC 9449, 5). A retry gets
 * the same successor, because answers are lost, machines sleep and tabs race. Any other token that was used before, any other
 * key, and any count that came before is a copy: it ends the family, since nobody can tell the thief from the owner.
 *
 * Browsers count their refreshes in the proof. The count only grows, and two copies of one browser begin at the same number,
 * so that the second one to come is known at once, even where it presents a token that nobody has used.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { recordAudit } from './audit.js';
import { type CopySign, endCopied } from './copies.js';
import type { Database, Transaction } from './database.js';
import { hashOf, newSecret } from './people.js';
import { person, refreshToken, session } from './schema.js';
import {
  endSession,
  lockSession,
  type OpenSession,
  SESSION_IDLE_MS,
  type SessionRow,
  type SessionState,
  toSessionState,
} from './sessions.js';

/** For this long a rotated token still answers with the successor that it got, to who does not count. */
export const RETRY_MS = 10_000;

export interface Refresh {
  token: string;
  /** RFC 7638 thumbprint of the key that signed the request's proof. */
  jkt: string;
  /** How often this browser has refreshed, this time included; programs need not count. */
  count?: number | undefined;
  /** Whence it came, for the audit of a copy. */
  address: string;
}

export type Rotation =
  /** A new token, or the same successor for a retry. */
  | ({ type: 'rotated' } & OpenSession)
  /** The family has just been ended. */
  | { type: 'ended'; sign: CopySign; sessionId: string; personId: string }
  /** `ended`: by which reason, where it had ended before. */
  | { type: 'refused'; reason: 'unknown' | 'expired' }
  | { type: 'refused'; reason: 'revoked'; ended: string };

type TokenRow = typeof refreshToken.$inferSelect;

/** Never throws for a bad token; the end of a copied family is committed before this returns. */
export async function rotateSession(db: Database, refresh: Refresh, now: number): Promise<Rotation> {
  const hash = hashOf(refresh.token);
  return db.transaction(async (tx): Promise<Rotation> => {
    const [found] = await tx.select({ id: refreshToken.sessionId }).from(refreshToken).where(eq(refreshToken.hash, hash));
    const row = found && (await lockSession(tx, found.id));
    if (row === undefined) return { type: 'refused', reason: 'unknown' };
    if (row.revokedAt !== null) return { type: 'refused', reason: 'revoked', ended: row.revokedReason ?? '' };
    if (now >= Math.min(row.expiresAt, row.lastUsedAt + SESSION_IDLE_MS)) {
      await endSession(tx, row.id, 'expired', now);
      return { type: 'refused', reason: 'expired' };
    }
    const [token] = await tx.select().from(refreshToken).where(eq(refreshToken.hash, hash));
    const next = token === undefined ? 'reuse' : await successorOf(tx, row, token, refresh, now);
    if (typeof next === 'string') {
      await endCopied(tx, row, next, refresh.address, now);
      return { type: 'ended', sign: next, sessionId: row.id, personId: row.personId };
    }
    const refreshes = Math.max(row.refreshes, refresh.count ?? 0);
    await tx.update(session).set({ lastUsedAt: now, refreshes, address: refresh.address }).where(eq(session.id, row.id));
    const [owner] = await tx.select().from(person).where(eq(person.id, row.personId));
    return { type: 'rotated', session: toSessionState({ ...row, lastUsedAt: now }, owner!), refreshToken: next.token };
  });
}

/**
 * Ends the session of a refresh token that gives way to another session of the same key.
 *
 * @returns its id; undefined where there is nothing to end, and where the key is another one: that says nothing of this browser.
 */
export async function endReplaced(
  db: Database,
  token: string,
  by: Pick<SessionState, 'id' | 'jkt'>,
  address: string,
  now: number,
): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    const [found] = await tx
      .select({ id: refreshToken.sessionId })
      .from(refreshToken)
      .where(eq(refreshToken.hash, hashOf(token)));
    if (found === undefined || found.id === by.id) return undefined;
    const row = await lockSession(tx, found.id);
    if (row === undefined || row.revokedAt !== null || row.jkt !== by.jkt) return undefined;
    await endSession(tx, row.id, 'replaced', now);
    const detail = { by: by.id };
    await recordAudit(tx, { at: now, personId: row.personId, action: 'session.close', object: row.id, detail, address });
    return row.id;
  });
}

/** The next token, or the sign of a copy. */
async function successorOf(
  tx: Transaction,
  row: SessionRow,
  token: TokenRow,
  { token: presented, jkt, count }: Refresh,
  now: number,
): Promise<{ token: string } | CopySign> {
  if (jkt !== row.jkt) return 'theft';
  // Who has counted goes on counting; else a copy would only have to stop.
  if (row.refreshes > 0 && count === undefined) return 'copy';
  const isNew = count !== undefined && count > row.refreshes;
  if (token.rotatedAt === null) return count === undefined || isNew ? { token: await rotate(tx, token, presented, now) } : 'copy';
  const again = await retried(tx, token, presented);
  if (again === undefined) return 'reuse';
  if (isNew) return { token: again };
  // Parallel refreshes may come in another order than they were counted in; none has the number of the one that rotated.
  if (now - token.rotatedAt >= RETRY_MS) return 'reuse';
  return count === undefined || count !== row.refreshes ? { token: again } : 'copy';
}

async function rotate(tx: Transaction, token: TokenRow, presented: string, now: number): Promise<string> {
  const next = newSecret();
  const { sessionId, generation } = token;
  await tx.insert(refreshToken).values({ hash: hashOf(next), sessionId, generation: generation + 1, createdAt: now });
  await tx
    .update(refreshToken)
    .set({ rotatedAt: now, successor: seal(next, presented) })
    .where(eq(refreshToken.hash, token.hash));
  return next;
}

/** The successor once more, if nobody has used it; else undefined. */
async function retried(tx: Transaction, token: TokenRow, presented: string): Promise<string | undefined> {
  if (token.successor === null) return undefined;
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
