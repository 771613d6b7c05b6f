/**
 * What holds for a person's ways in as a whole: the random handle that authenticators keep, whether the person is disabled, and
 * when passkeys were got around last. The row's lock orders changes of passkeys, roles and disabling.
 */
import { randomBytes } from 'node:crypto';
import { and, eq, isNull } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { signInLink } from './schema.js';
import { account } from './schema-people.js';

/** After a recovery dangerous actions wait for so long: time for the real person to notice. */
export const HOLD_MS = 24 * 3_600_000;

export interface AccountState {
  userHandle: string;
  disabledAt: number | null;
  recoveredAt: number | null;
}

/** The row, made where there is none, and locked until the transaction ends. */
export async function lockAccount(tx: Transaction, personId: string): Promise<AccountState> {
  await tx
    .insert(account)
    .values({ personId, userHandle: randomBytes(32).toString('base64url') })
    .onConflictDoNothing();
  const [row] = await tx.select().from(account).where(eq(account.personId, personId)).for('update');
  return row!;
}

export async function readAccount(db: Database | Transaction, personId: string): Promise<AccountState | undefined> {
  const [row] = await db.select().from(account).where(eq(account.personId, personId));
  return row;
}

/** End of the hold after a recovery, milliseconds; null where there is none. */
export function heldUntil(state: Pick<AccountState, 'recoveredAt'> | undefined, now: number): number | null {
  const until = (state?.recoveredAt ?? 0) + HOLD_MS;
  return state?.recoveredAt != null && until > now ? until : null;
}

/** Whoever disables a person ends its sessions too: see {@link revokePersonSessions}. */
export async function setDisabled(tx: Transaction, personId: string, disabled: boolean, now: number): Promise<void> {
  await lockAccount(tx, personId);
  await tx
    .update(account)
    .set({ disabledAt: disabled ? now : null })
    .where(eq(account.personId, personId));
  if (disabled) await voidLinks(tx, personId, now);
}

/** Links that were given out and not used open nothing any more. */
export async function voidLinks(tx: Transaction, personId: string, now: number): Promise<void> {
  await tx
    .update(signInLink)
    .set({ usedAt: now })
    .where(and(eq(signInLink.personId, personId), isNull(signInLink.usedAt)));
}
