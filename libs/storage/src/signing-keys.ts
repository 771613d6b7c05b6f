/**
 * The ring of ES256 keys that sign access tokens: next -> active -> retiring -> gone. `next` is published long before it
 * signs and `retiring` long after, so that no process meets a kid that it does not know. Private parts are sealed under
 * the installation's master key.
 */

import type { KeyObject } from 'node:crypto';
import { eq, ne, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { signingKey } from './schema-channel.js';
import { newSealedKey, type PublicJwk, unsealKey } from './sealed-keys.js';

export type { PublicJwk } from './sealed-keys.js';

/** A key signs for this long. */
export const ACTIVE_MS = 7 * 24 * 3_600_000;
/** `next` is published for at least this long before it signs, `retiring` kept for this long: over token life + caches. */
export const OVERLAP_MS = 3_600_000;
const RING_LOCK = 'plimsoll:signing-keys';

export interface SigningKey {
  kid: string;
  state: 'next' | 'active' | 'retiring';
  publicJwk: PublicJwk;
  privateKey: KeyObject;
}

type Row = typeof signingKey.$inferSelect;

/**
 * The keys as they must be at `now`: makes what is missing, moves what is due. Any number of processes may call it at
 * any time. Keys that the master key does not open are put out of the ring.
 *
 * @param masterKey 32 bytes.
 * @returns one active, one next and those retiring.
 */
export async function turnSigningKeys(db: Database, masterKey: Buffer, now: number): Promise<SigningKey[]> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${RING_LOCK}, 0))`);
    for (const row of await openRows(tx)) {
      const over = row.state === 'retiring' && now - row.changedAt >= OVERLAP_MS;
      if (over || unsealKey(row, masterKey) === undefined) await retire(tx, row.kid, now);
    }
    const rows = await openRows(tx);
    const active = rows.find((row) => row.state === 'active');
    const next = rows.find((row) => row.state === 'next');
    if (active === undefined) await moveOn(tx, undefined, next, masterKey, now);
    else if (next === undefined) await insertKey(tx, 'next', masterKey, now);
    else if (now - active.changedAt >= ACTIVE_MS && now - next.changedAt >= OVERLAP_MS)
      await moveOn(tx, active, next, masterKey, now);
    return (await openRows(tx)).map((row) => toSigningKey(row, masterKey));
  });
}

const openRows = (tx: Transaction) =>
  tx.select().from(signingKey).where(ne(signingKey.state, 'gone')).orderBy(signingKey.createdAt, signingKey.state);

async function moveOn(
  tx: Transaction,
  active: Row | undefined,
  next: Row | undefined,
  masterKey: Buffer,
  now: number,
): Promise<void> {
  if (active) await setState(tx, active.kid, 'retiring', now);
  if (next) await setState(tx, next.kid, 'active', now);
  else await insertKey(tx, 'active', masterKey, now);
  await insertKey(tx, 'next', masterKey, now);
}

const setState = (tx: Transaction, kid: string, state: string, now: number) =>
  tx.update(signingKey).set({ state, changedAt: now }).where(eq(signingKey.kid, kid));

/** Out of the ring for good; the private part is wiped. */
const retire = (tx: Transaction, kid: string, now: number) =>
  tx.update(signingKey).set({ state: 'gone', privateJwk: '', changedAt: now }).where(eq(signingKey.kid, kid));

async function insertKey(tx: Transaction, state: 'next' | 'active', masterKey: Buffer, now: number): Promise<void> {
  await tx.insert(signingKey).values({ ...newSealedKey(masterKey), state, createdAt: now, changedAt: now });
}

function toSigningKey(row: Row, masterKey: Buffer): SigningKey {
  const privateKey = unsealKey(row, masterKey);
  if (privateKey === undefined) throw new Error('a signing key cannot be opened');
  return { kid: row.kid, state: row.state as SigningKey['state'], publicJwk: row.publicJwk as PublicJwk, privateKey };
}
