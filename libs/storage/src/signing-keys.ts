/**
 * The ring of ES256 keys that sign access tokens: next -> active -> retiring -> gone. `next` is published long before it
 * signs and `retiring` long after, so that no process meets a kid that it does not know. Private parts are sealed by
 * AES-256-GCM under the installation's master key with the public part as additional data: a row that somebody wrote
 * into the table without that key is not trusted, neither to sign nor to verify.
 */

import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, createHash, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { eq, ne, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { signingKey } from './schema.js';

/** A key signs for this long. */
export const ACTIVE_MS = 7 * 24 * 3_600_000;
/** `next` is published for at least this long before it signs, `retiring` kept for this long: over token life + caches. */
export const OVERLAP_MS = 3_600_000;
const RING_LOCK = 'plimsoll:signing-keys';

/** RFC 7517 with RFC 7638's thumbprint as `kid`. */
export interface PublicJwk {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  kid: string;
  alg: 'ES256';
  use: 'sig';
}

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
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
  // RFC 7638: the required members in lexicographic order, without spaces.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url');
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' };
  const privateJwk = seal(JSON.stringify(privateKey.export({ format: 'jwk' })), publicJwk, masterKey);
  await tx.insert(signingKey).values({ kid, publicJwk, privateJwk, state, createdAt: now, changedAt: now });
}

function toSigningKey(row: Row, masterKey: Buffer): SigningKey {
  const privateKey = unsealKey(row, masterKey);
  if (privateKey === undefined) throw new Error('a signing key cannot be opened');
  return { kid: row.kid, state: row.state as SigningKey['state'], publicJwk: row.publicJwk as PublicJwk, privateKey };
}

/** jsonb does not keep the order of members, so the bound text is built from them one by one. */
const boundTo = ({ kty, crv, x, y, kid, alg, use }: PublicJwk) => Buffer.from(JSON.stringify([kty, crv, x, y, kid, alg, use]));

function seal(text: string, publicJwk: PublicJwk, masterKey: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(boundTo(publicJwk));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

function unsealKey(row: Row, masterKey: Buffer): KeyObject | undefined {
  const bytes = Buffer.from(row.privateJwk, 'base64url');
  const publicJwk = row.publicJwk as PublicJwk;
  if (bytes.length < 29 || publicJwk.kid !== row.kid) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, 12)).setAAD(boundTo(publicJwk));
    decipher.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    return createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
  } catch {
    return undefined; // Sealed under another master key, or not by us.
  }
}
