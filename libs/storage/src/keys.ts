/**
 * API keys of services: `plim_<prefix>_<secret>_<pin>`. The prefix is public and finds the row; of the secret only a
 * SHA-256 is kept. The secret has 256 random bits, so that a plain hash is enough, and it is compared in constant time.
 * The pin names the key that signs the decision feed (feed-keys.ts); a key without one only sends request logs.
 */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { Key, KeyScope } from '@plimsoll/contracts';
import { and, asc, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { serviceKey } from './schema.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX_LENGTH = 12;
const SECRET_BYTES = 32;
const KEY_TEXT = /^plim_([0-9A-Za-z]{12})_([\w-]{43})(?:_([\w-]{22}))?$/;

/** A key as it is stored: the hash never leaves this process. */
export interface StoredKey {
  key: Key;
  /** SHA-256 of the secret, base64url. */
  hash: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

function toKey(row: typeof serviceKey.$inferSelect): Key {
  const { id, service, name, prefix, createdAt, lastUsedAt, revokedAt, expiresAt } = row;
  const may = { scopes: row.scopes as KeyScope[], requireSignedBatches: row.requireSigned };
  return { id, service, name, prefix, ...may, createdAt, lastUsedAt, revokedAt, expiresAt };
}

export interface KeyDraft {
  service: string;
  name: string;
  /** Of the key that signs the feed now, see feed-keys.ts; without it bouncers follow no decision by this key. */
  pin?: string;
  scopes?: KeyScope[];
  requireSignedBatches?: boolean;
  /** Milliseconds; without it the key has no end. */
  expiresAt?: number | undefined;
}

/**
 * @returns the key, and its whole text `secret` this once.
 * @throws where the service does not exist.
 */
export async function createKey(
  db: Database | Transaction,
  { pin, requireSignedBatches = false, ...draft }: KeyDraft,
  now: number,
): Promise<{ key: Key; secret: string }> {
  const prefix = Array.from({ length: PREFIX_LENGTH }, () => BASE62[randomInt(BASE62.length)]).join('');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const [row] = await db
    .insert(serviceKey)
    .values({
      ...draft,
      requireSigned: requireSignedBatches,
      id: newId('key'),
      prefix,
      hash: sha256(secret).toString('base64url'),
      createdAt: now,
    })
    .returning();
  return { key: toKey(row!), secret: `plim_${prefix}_${secret}${pin === undefined ? '' : `_${pin}`}` };
}

/**
 * Text of a key that follows from 44 secret bytes: whoever has them has the key, and it need not be kept. It pins nothing, so that
 * it only sends.
 */
export function keyTextOf(bytes: Buffer): string {
  const prefix = [...bytes.subarray(0, PREFIX_LENGTH)].map((byte) => BASE62[byte % BASE62.length]).join('');
  return `plim_${prefix}_${bytes.subarray(PREFIX_LENGTH, PREFIX_LENGTH + SECRET_BYTES).toString('base64url')}`;
}

/**
 * The row of a key whose text is made elsewhere: made where it is not there yet, in force again where it was revoked. Every other key
 * of the service is revoked.
 */
export async function adoptKey(tx: Transaction, draft: Omit<KeyDraft, 'pin'>, text: string, now: number): Promise<void> {
  const parts = readKeyText(text);
  if (parts === undefined) throw new Error('that is no text of a key');
  const { prefix, secret } = parts;
  const { requireSignedBatches: requireSigned = false, ...rest } = draft;
  const hash = sha256(secret).toString('base64url');
  await tx
    .insert(serviceKey)
    .values({ ...rest, requireSigned, id: newId('key'), prefix, hash, createdAt: now })
    .onConflictDoUpdate({
      target: serviceKey.prefix,
      set: { hash, revokedAt: null },
      setWhere: eq(serviceKey.service, draft.service),
    });
  await tx
    .update(serviceKey)
    .set({ revokedAt: now })
    .where(and(eq(serviceKey.service, draft.service), ne(serviceKey.prefix, prefix), isNull(serviceKey.revokedAt)));
}

/** All keys of a service, revoked ones too, oldest first. */
export async function listKeys(db: Database | Transaction, service: string): Promise<Key[]> {
  const rows = await db.select().from(serviceKey).where(eq(serviceKey.service, service)).orderBy(asc(serviceKey.createdAt));
  return rows.map(toKey);
}

/** A key by its id; revoked ones too. */
export async function getKey(db: Database | Transaction, id: string): Promise<Key | undefined> {
  const [row] = await db.select().from(serviceKey).where(eq(serviceKey.id, id));
  return row && toKey(row);
}

/** Revokes for good; a second time changes nothing. Processes that hold the key refuse it within 5 s. */
export async function revokeKey(db: Database | Transaction, id: string, now: number): Promise<Key | undefined> {
  const [row] = await db
    .update(serviceKey)
    .set({ revokedAt: sql`coalesce(${serviceKey.revokedAt}, ${now}::bigint)` })
    .where(eq(serviceKey.id, id))
    .returning();
  return row && toKey(row);
}

/**
 * Makes a successor with the same name, scopes and demands, and lets the old key end after the overlap, or when it would have
 * ended anyway. Undefined where there is no such key or it opens nothing any more: then there is nothing to take over.
 */
export async function rotateKey(
  tx: Transaction,
  id: string,
  { overlapMs, ...draft }: { overlapMs: number; pin: string; expiresAt?: number | undefined },
  now: number,
): Promise<{ key: Key; secret: string; before: Key } | undefined> {
  const [row] = await tx.select().from(serviceKey).where(eq(serviceKey.id, id)).for('update');
  if (row === undefined || hasEnded(toKey(row), now)) return undefined;
  const { service, name, scopes, requireSignedBatches } = toKey(row);
  const made = await createKey(tx, { service, name, scopes, requireSignedBatches, ...draft }, now);
  const end = Math.min(row.expiresAt ?? Number.POSITIVE_INFINITY, now + overlapMs);
  const [before] = await tx.update(serviceKey).set({ expiresAt: end }).where(eq(serviceKey.id, id)).returning();
  return { ...made, before: toKey(before!) };
}

/** Whether a key opens nothing any more: it was revoked, or its time is over. */
export const hasEnded = ({ revokedAt, expiresAt }: Pick<Key, 'revokedAt' | 'expiresAt'>, now: number): boolean =>
  revokedAt !== null || (expiresAt !== null && expiresAt <= now);

/** Says whether batches with the key must be signed. Processes that hold the key know within 5 s. */
export async function updateKey(
  db: Database | Transaction,
  id: string,
  { requireSignedBatches }: { requireSignedBatches: boolean },
): Promise<Key | undefined> {
  const [row] = await db.update(serviceKey).set({ requireSigned: requireSignedBatches }).where(eq(serviceKey.id, id)).returning();
  return row && toKey(row);
}

/** A key by the public part of its text; revoked ones too. */
export async function findKeyByPrefix(db: Database | Transaction, prefix: string): Promise<StoredKey | undefined> {
  const [row] = await db.select().from(serviceKey).where(eq(serviceKey.prefix, prefix));
  return row && { key: toKey(row), hash: row.hash };
}

/** As {@link findKeyByPrefix}, for many at once; of those that are none there is nothing in the answer. */
export async function findKeysByPrefix(db: Database | Transaction, prefixes: readonly string[]): Promise<StoredKey[]> {
  if (prefixes.length === 0) return [];
  const rows = await db
    .select()
    .from(serviceKey)
    .where(inArray(serviceKey.prefix, [...prefixes]));
  return rows.map((row) => ({ key: toKey(row), hash: row.hash }));
}

/** Notes last uses, key id -> milliseconds, in one statement. An older time never replaces a newer one. */
export async function touchKeys(db: Database | Transaction, uses: ReadonlyMap<string, number>): Promise<void> {
  if (uses.size === 0) return;
  const latest = sql.join(
    [...uses].map(([id, at]) => sql`(${id}::text, ${at}::bigint)`),
    sql`, `,
  );
  await db.execute(sql`
    update service_key set last_used_at = greatest(last_used_at, used.at)
    from (values ${latest}) as used(id, at) where service_key.id = used.id`);
}

/** The parts of a key's text, or undefined where it is not one. */
export function readKeyText(text: string): { prefix: string; secret: string; pin: string | undefined } | undefined {
  const parts = KEY_TEXT.exec(text);
  return parts === null ? undefined : { prefix: parts[1]!, secret: parts[2]!, pin: parts[3] };
}

/** Constant time for every pair of secrets. A key that was not found is compared with a hash that nothing has. */
export function secretMatches(stored: StoredKey | undefined, secret: string): stored is StoredKey {
  const expected = stored === undefined ? Buffer.alloc(32) : Buffer.from(stored.hash, 'base64url');
  const actual = sha256(secret);
  return expected.length === actual.length && timingSafeEqual(expected, actual) && stored !== undefined;
}
