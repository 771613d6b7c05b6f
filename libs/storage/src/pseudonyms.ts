/**
 * Pseudonyms of actors: the first 96 bits of HMAC-SHA-256 (RFC 2104) of the id, under a key of the installation, so that
 * an actor has the same one everywhere and nobody without the key can make or test it. What was shown is remembered, since a
 * pseudonym has to lead back to the actor when somebody filters by it or is allowed to know.
 */
import { createHmac } from 'node:crypto';
import { eq, inArray } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { consoleSetting } from './schema-people.js';
import { pseudonym } from './schema-privacy.js';
import { sealedSecret } from './sealed-secret.js';

const SETTING = 'pseudonyms';
const KEY = 'pseudonym-key';
/** Rows of one insert. */
const PART = 1_000;

/** @param masterKey of the installation. */
export const pseudonymKey = (db: Database, masterKey: Buffer): Promise<Buffer> => sealedSecret(db, KEY, masterKey);

export const pseudonymOf = (key: Buffer, actor: string): string =>
  `anon_${createHmac('sha256', key).update('actor\0').update(actor).digest().subarray(0, 12).toString('base64url')}`;

/** Whether actors are shown under pseudonyms. */
export async function pseudonymsOn(db: Database | Transaction): Promise<boolean> {
  const [row] = await db.select().from(consoleSetting).where(eq(consoleSetting.name, SETTING));
  return row?.value === true;
}

export async function setPseudonyms(tx: Transaction, on: boolean): Promise<void> {
  await tx
    .insert(consoleSetting)
    .values({ name: SETTING, value: on })
    .onConflictDoUpdate({ target: consoleSetting.name, set: { value: on } });
}

/** @param names pseudonym and id. */
export async function rememberPseudonyms(db: Database, names: readonly (readonly [string, string])[]): Promise<void> {
  for (let from = 0; from < names.length; from += PART) {
    const rows = names.slice(from, from + PART).map(([name, actor]) => ({ pseudonym: name, actor }));
    await db.insert(pseudonym).values(rows).onConflictDoNothing();
  }
}

/** Pseudonym -> id, of those that were ever shown. */
export async function actorsBehind(db: Database | Transaction, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const rows = await db
    .select()
    .from(pseudonym)
    .where(inArray(pseudonym.pseudonym, [...new Set(names)]));
  return new Map(rows.map((row) => [row.pseudonym, row.actor]));
}
