/**
 * Passkeys as they are kept: the public key, the counter and the backup flags that authenticators report. Whether an assertion is
 * good is judged in the admin server; here changes are ordered by the account's lock, and nobody is left without a passkey.
 */
import type { Passkey } from '@plimsoll/contracts';
import { and, asc, count, eq, lt, sql } from 'drizzle-orm';
import { type AccountState, lockAccount } from './accounts.js';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { hashOf } from './people.js';
import { account, passkey, spentChallenge } from './schema-people.js';

export const MAX_PASSKEYS = 20;

export type PasskeyRow = typeof passkey.$inferSelect;
export type PasskeyDraft = Omit<PasskeyRow, 'id' | 'createdAt' | 'lastUsedAt'>;

export const toPasskey = ({ id, name, backupEligible, createdAt, lastUsedAt }: PasskeyRow): Passkey => ({
  id,
  name,
  synced: backupEligible,
  createdAt,
  lastUsedAt,
});

/** Oldest first. */
export function listPasskeys(db: Database | Transaction, personId: string): Promise<PasskeyRow[]> {
  return db.select().from(passkey).where(eq(passkey.personId, personId)).orderBy(asc(passkey.createdAt), asc(passkey.id));
}

export async function countPasskeys(db: Database | Transaction, personId: string): Promise<number> {
  const [row] = await db.select({ passkeys: count() }).from(passkey).where(eq(passkey.personId, personId));
  return row?.passkeys ?? 0;
}

export interface KnownCredential {
  passkey: PasskeyRow;
  account: AccountState;
}

/** By the authenticator's id. */
export async function findCredential(db: Database | Transaction, credentialId: string): Promise<KnownCredential | undefined> {
  const [row] = await db
    .select()
    .from(passkey)
    .innerJoin(account, eq(account.personId, passkey.personId))
    .where(eq(passkey.credentialId, credentialId));
  return row && { passkey: row.passkey, account: row.account };
}

/** `full`: the person has {@link MAX_PASSKEYS}. `known`: somebody has this credential already. */
export type Addition = { type: 'added'; passkey: PasskeyRow } | { type: 'full' } | { type: 'known' };

export async function addPasskey(tx: Transaction, draft: PasskeyDraft, now: number): Promise<Addition> {
  await lockAccount(tx, draft.personId);
  if ((await countPasskeys(tx, draft.personId)) >= MAX_PASSKEYS) return { type: 'full' };
  const [row] = await tx
    .insert(passkey)
    .values({ ...draft, id: newId('pk'), createdAt: now })
    .onConflictDoNothing()
    .returning();
  return row ? { type: 'added', passkey: row } : { type: 'known' };
}

const ofPerson = (personId: string, id: string) => and(eq(passkey.id, id), eq(passkey.personId, personId));

export async function renamePasskey(
  tx: Transaction,
  personId: string,
  id: string,
  name: string,
): Promise<PasskeyRow | undefined> {
  const [row] = await tx.update(passkey).set({ name }).where(ofPerson(personId, id)).returning();
  return row;
}

export type Removal = { type: 'removed'; passkey: PasskeyRow } | { type: 'missing' } | { type: 'last' };

export async function removePasskey(tx: Transaction, personId: string, id: string): Promise<Removal> {
  await lockAccount(tx, personId);
  const rows = await listPasskeys(tx, personId);
  const row = rows.find((each) => each.id === id);
  if (row === undefined) return { type: 'missing' };
  if (rows.length === 1) return { type: 'last' };
  await tx.delete(passkey).where(ofPerson(personId, id));
  return { type: 'removed', passkey: row };
}

/**
 * After a good assertion. The counter only rises: a clone that is behind does not set it back.
 *
 * @returns `overtaken` where another assertion of a key that cannot be copied came first with this counter or a higher one; `gone` where
 * the passkey was removed meanwhile
 */
export async function notePasskeyUse(
  tx: Transaction,
  row: PasskeyRow,
  { counter, backedUp }: { counter: number; backedUp: boolean },
  now: number,
): Promise<'noted' | 'overtaken' | 'gone'> {
  // Judged by a row that was read before: of two at once the second finds here what the first has written.
  const first = row.backupEligible || counter === 0 ? undefined : lt(passkey.counter, counter);
  const { rowCount } = await tx
    .update(passkey)
    .set({ counter: sql`greatest(${passkey.counter}, ${counter})`, backedUp, lastUsedAt: now })
    .where(and(eq(passkey.id, row.id), first));
  if ((rowCount ?? 0) > 0) return 'noted';
  return (await tx.$count(passkey, eq(passkey.id, row.id))) > 0 ? 'overtaken' : 'gone';
}

/**
 * Uses a challenge up; only ever called after its assertion was found good, so that nobody without a passkey can fill the table.
 *
 * @param expiresAt when the challenge would be refused for its age.
 * @returns false where it was used before.
 */
export async function spendChallenge(tx: Transaction, challenge: string, expiresAt: number, now: number): Promise<boolean> {
  await tx.delete(spentChallenge).where(lt(spentChallenge.expiresAt, now));
  const spent = await tx
    .insert(spentChallenge)
    .values({ hash: hashOf(challenge), expiresAt })
    .onConflictDoNothing();
  return (spent.rowCount ?? 0) > 0;
}
