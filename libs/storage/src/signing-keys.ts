/**
 * The ring of ES256 keys that sign access tokens: next -> active -> retiring -> gone. `next` is published long before it
 * signs and `retiring` long after, so that no process meets a kid that it does not know. Private parts are sealed under
 * the installation's master key.
 */

import type { KeyObject } from 'node:crypto';
import { eq, ne, sql } from 'drizzle-orm';
import { recordAudit } from './audit.js';
import type { Database, Transaction } from './database.js';
import { signingKey } from './schema-channel.js';
import { tokenEpoch } from './schema-tokens.js';
import { newSealedKey, type PublicJwk, unsealKey } from './sealed-keys.js';

export type { PublicJwk } from './sealed-keys.js';

/** A key signs for this long. */
export const ACTIVE_MS = 7 * 24 * 3_600_000;
/** `next` is published for at least this long before it signs, `retiring` kept for this long: over token life + caches. */
export const OVERLAP_MS = 3_600_000;
/** By command a key may sign this long after it was published: as long as others may keep a copy of the published set. */
export const PUBLISHED_MS = 10 * 60_000;
const EPOCH = 'access';
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
    await lockRing(tx);
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

export type KeyRotation =
  /** `next` signs from now on; the one before verifies for another hour. */
  | { type: 'rotated'; kid: string }
  /** `next` is so young that somebody may not know it yet. */
  | { type: 'too-early'; waitMs: number }
  /** No admin process has made keys here. */
  | { type: 'none' };

/** Moves the ring on before its time. Needs no master key: admin processes make the new `next`. */
export async function rotateSigningKeys(db: Database, now: number): Promise<KeyRotation> {
  return db.transaction(async (tx) => {
    await lockRing(tx);
    const rows = await openRows(tx);
    const [active, next] = ['active', 'next'].map((state) => rows.find((row) => row.state === state));
    if (active === undefined || next === undefined) return { type: 'none' };
    const waitMs = next.changedAt + PUBLISHED_MS - now;
    if (waitMs > 0) return { type: 'too-early', waitMs };
    await setState(tx, active.kid, 'retiring', now);
    await setState(tx, next.kid, 'active', now);
    const detail = { before: active.kid };
    await recordAudit(tx, { at: now, personId: null, action: 'keys.rotate', object: next.kid, detail, address: '' });
    return { type: 'rotated', kid: next.kid };
  });
}

/**
 * For when a key is known to somebody: all keys go at once, and no token that was issued before `now` counts any more, whoever
 * signed it. Sessions live on: pages refresh with the next request, since refresh tokens are not signed.
 *
 * @returns how many keys went.
 */
export async function dropSigningKeys(db: Database, now: number): Promise<number> {
  return db.transaction(async (tx) => {
    await lockRing(tx);
    const rows = await openRows(tx);
    for (const { kid } of rows) await retire(tx, kid, now);
    // Tokens are dated by whole seconds: those of this second by new keys are good.
    const notBefore = Math.floor(now / 1000) * 1000;
    await tx
      .insert(tokenEpoch)
      .values({ id: EPOCH, notBefore })
      .onConflictDoUpdate({ target: tokenEpoch.id, set: { notBefore: sql`greatest(${tokenEpoch.notBefore}, ${notBefore})` } });
    const detail = { keys: rows.map(({ kid }) => kid), notBefore };
    await recordAudit(tx, { at: now, personId: null, action: 'keys.drop', object: 'all', detail, address: '' });
    return rows.length;
  });
}

/** Access tokens issued before this time (milliseconds) do not count; 0 where there was no emergency. */
export async function readTokenEpoch(db: Database): Promise<number> {
  const [row] = await db.select().from(tokenEpoch).where(eq(tokenEpoch.id, EPOCH));
  return row?.notBefore ?? 0;
}

/** Belongs to the transaction: whoever changes the ring takes turns. */
const lockRing = (tx: Transaction) => tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${RING_LOCK}, 0))`);

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
