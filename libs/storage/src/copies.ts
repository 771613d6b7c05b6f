/**
 * The end of a session of which a copy is about. Thief and owner cannot be told apart, so that both are out; the audit says by
 * which sign it was known, and the person is told by a notice. All of it in one transaction.
 */
import { recordAudit } from './audit.js';
import type { Transaction } from './database.js';
import { addNotice } from './notices.js';
import { endSession, lockSession, type SessionRow } from './sessions.js';

/**
 * `reuse`: a refresh token that was used before. `theft`: a refresh token with another key. `copy`: the session's key, with a
 * count that came before. `token-theft`: an access token without its key.
 */
export type CopySign = 'reuse' | 'theft' | 'copy' | 'token-theft';
const signs: readonly string[] = ['reuse', 'theft', 'copy', 'token-theft'] satisfies CopySign[];

/** Whether a session's `revokedReason` says that it was copied. */
export const wasCopied = (reason: string): boolean => signs.includes(reason);

/** Ends a session whose row the caller has locked. @param address whence the sign came. */
export async function endCopied(
  tx: Transaction,
  { id, personId, userAgent }: SessionRow,
  sign: CopySign,
  address: string,
  now: number,
): Promise<void> {
  await endSession(tx, id, sign, now);
  await addNotice(tx, { personId, kind: 'session-reused', at: now, address, what: userAgent });
  await recordAudit(tx, { at: now, personId, action: `session.${sign}`, object: id, detail: { userAgent }, address });
}

/** Ends a session by its id. False where it had ended before or never was: then nothing is written. */
export async function endCopiedSession(
  tx: Transaction,
  id: string,
  sign: CopySign,
  address: string,
  now: number,
): Promise<boolean> {
  const row = await lockSession(tx, id);
  if (row === undefined || row.revokedAt !== null) return false;
  await endCopied(tx, row, sign, address, now);
  return true;
}
