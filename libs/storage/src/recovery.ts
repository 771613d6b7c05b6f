/** The way in without a passkey for somebody who has some: what it costs, so that a stolen code or link is noticed and does little. */
import { eq } from 'drizzle-orm';
import { lockAccount, voidLinks } from './accounts.js';
import type { Transaction } from './database.js';
import { addNotice } from './notices.js';
import { account } from './schema-people.js';
import { revokePersonSessions } from './sessions.js';

/**
 * Somebody comes in by something else than a passkey although the person has some: every session ends, every link is void, the hold
 * begins, and whoever comes by passkey next is told.
 *
 * @param by what was used, for the notice.
 * @returns ids of the sessions that have ended.
 */
export async function beginRecovery(
  tx: Transaction,
  { personId, by, address }: { personId: string; by: string; address: string },
  now: number,
): Promise<string[]> {
  await lockAccount(tx, personId);
  await tx.update(account).set({ recoveredAt: now }).where(eq(account.personId, personId));
  await voidLinks(tx, personId, now);
  await addNotice(tx, { personId, kind: 'recovered', at: now, address, what: by });
  return revokePersonSessions(tx, personId, 'recovery', now);
}
