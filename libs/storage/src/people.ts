/**
 * The people who watch, and the one-time links by which they sign in. A link's token is 256 random bits; only its
 * SHA-256 is kept, so that a copy of the database opens no door.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Person, type PersonAttributes, personAttributesSchema } from '@plimsoll/contracts';
import { and, asc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { person, signInLink } from './schema.js';

export const SIGN_IN_LINK_MS = 15 * 60_000;
/** How long a used or expired link is remembered before a new one sweeps it away. */
const LINK_KEPT_MS = 24 * 3_600_000;
const FIRST_PERSON_LOCK = 'plimsoll:first-person';

type Row = typeof person.$inferSelect;

export const toPerson = (row: Pick<Row, 'id' | 'name' | 'role'>): Person => ({
  id: row.id,
  name: row.name,
  role: row.role as Person['role'],
});

/** What the access policy knows of a person beside its role. */
export const attributesOf = (row: Pick<Row, 'attributes'>): PersonAttributes => personAttributesSchema.parse(row.attributes);

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** The person who came first; created as an owner where there is nobody. Two processes at once create one. */
export async function ensureFirstPerson(db: Database, name: string, now: number): Promise<Person> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${FIRST_PERSON_LOCK}, 0))`);
    const [first] = await tx.select().from(person).orderBy(asc(person.createdAt), asc(person.id)).limit(1);
    return first ? toPerson(first) : createPerson(tx, { name, role: 'owner' }, now);
  });
}

/** @param draft without attributes the person sees every team. */
export async function createPerson(
  tx: Database | Transaction,
  { name, role, attributes = {} }: Omit<Person, 'id'> & { attributes?: Partial<PersonAttributes> | undefined },
  now: number,
): Promise<Person> {
  const [row] = await tx
    .insert(person)
    .values({ id: newId('per'), name, role, attributes: personAttributesSchema.parse(attributes), createdAt: now })
    .returning();
  return toPerson(row!);
}

/** Replaces what the access policy knows of a person; open sessions follow within seconds, or when it is announced. */
export async function setPersonAttributes(
  tx: Database | Transaction,
  id: string,
  attributes: Partial<PersonAttributes>,
): Promise<void> {
  await tx
    .update(person)
    .set({ attributes: personAttributesSchema.parse(attributes) })
    .where(eq(person.id, id));
}

/**
 * What a link was made for. `sign-in`: by whoever owns the machine. `invitation`: for the first sign-in of a new person.
 * `reset`: by another owner, for somebody who has lost all passkeys.
 */
export type LinkPurpose = 'sign-in' | 'invitation' | 'reset';

/** A token for `PUBLIC_URL/sign-in#token`: good once, for {@link SIGN_IN_LINK_MS} unless told otherwise. */
export async function createSignInLink(
  db: Database | Transaction,
  personId: string,
  now: number,
  { purpose = 'sign-in', validMs = SIGN_IN_LINK_MS }: { purpose?: LinkPurpose; validMs?: number } = {},
): Promise<string> {
  const token = newSecret();
  await db.delete(signInLink).where(lt(signInLink.expiresAt, now - LINK_KEPT_MS));
  await db.insert(signInLink).values({ hash: hashOf(token), personId, purpose, createdAt: now, expiresAt: now + validMs });
  return token;
}

export interface Link {
  person: Person;
  purpose: LinkPurpose;
}

const usable = (token: string, now: number) =>
  and(eq(signInLink.hash, hashOf(token)), isNull(signInLink.usedAt), gt(signInLink.expiresAt, now));

/** What a link is for, without using it up; undefined as in {@link redeemSignInLink}. */
export async function readSignInLink(db: Database | Transaction, token: string, now: number): Promise<Link | undefined> {
  const [row] = await db
    .select()
    .from(signInLink)
    .innerJoin(person, eq(person.id, signInLink.personId))
    .where(usable(token, now));
  return row && { person: toPerson(row.person), purpose: row.sign_in_link.purpose as LinkPurpose };
}

/**
 * Uses a link up. One statement decides, so that of many who present it at once one gets in.
 *
 * @returns undefined where the link was used, has expired or never was: the three are not told apart.
 */
export async function redeemSignInLink(tx: Transaction, token: string, now: number): Promise<Link | undefined> {
  const [used] = await tx
    .update(signInLink)
    .set({ usedAt: now })
    .where(usable(token, now))
    .returning({ personId: signInLink.personId, purpose: signInLink.purpose });
  if (used === undefined) return undefined;
  const [row] = await tx.select().from(person).where(eq(person.id, used.personId));
  return row && { person: toPerson(row), purpose: used.purpose as LinkPurpose };
}
