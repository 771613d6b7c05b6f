/** The people of the installation as owners see them, and changes of them. One lock orders what could take the last owner away. */
import type { Member, Person, PersonAttributes } from '@plimsoll/contracts';
import { asc, eq, sql } from 'drizzle-orm';
import { lockAccount, setDisabled } from './accounts.js';
import type { Database, Transaction } from './database.js';
import { attributesOf, setPersonAttributes, toPerson } from './people.js';
import { person } from './schema.js';
import { SESSION_IDLE_MS } from './sessions.js';

const OWNERS_LOCK = 'plimsoll:owners';

/** Everybody, first come first. */
export async function listMembers(db: Database | Transaction, now: number): Promise<Member[]> {
  const of = (table: string, column: string, where: string) =>
    sql.raw(`(select ${column} from ${table} where ${table}.person_id = person.id${where})`);
  const open = `and revoked_at is null and expires_at > ${now} and last_used_at > ${now - SESSION_IDLE_MS}`;
  const rows = await db
    .select({
      person,
      disabledAt: sql<string | null>`${of('account', 'disabled_at', '')}`,
      passkeys: sql<number>`${of('passkey', 'count(*)::int', '')}`,
      sessions: sql<number>`${of('session', 'count(*)::int', ` ${open}`)}`,
      lastUsedAt: sql<string | null>`${of('session', 'max(last_used_at)', '')}`,
      linkUntil: sql<string | null>`${of('sign_in_link', 'max(expires_at)', ` and used_at is null and expires_at > ${now}`)}`,
    })
    .from(person)
    .orderBy(asc(person.createdAt), asc(person.id));
  return rows.map(({ person: row, disabledAt, passkeys, sessions, lastUsedAt, linkUntil }) => ({
    ...toPerson(row),
    state: disabledAt !== null ? 'disabled' : lastUsedAt === null && passkeys === 0 ? 'invited' : 'active',
    attributes: attributesOf(row),
    ...{ passkeys, sessions, createdAt: row.createdAt },
    lastUsedAt: lastUsedAt === null ? null : Number(lastUsedAt),
    linkUntil: linkUntil === null ? null : Number(linkUntil),
  }));
}

export async function findMember(db: Database | Transaction, id: string, now: number): Promise<Member | undefined> {
  return (await listMembers(db, now)).find((member) => member.id === id);
}

export interface MemberChange {
  name?: string | undefined;
  role?: Person['role'] | undefined;
  disabled?: boolean | undefined;
  /** In place of those of before, as a whole. */
  attributes?: PersonAttributes | undefined;
}

/** `last-owner`: nobody would be left who may change people; nothing was changed. */
export type MemberUpdate = { type: 'changed'; before: Member; member: Member } | { type: 'missing' } | { type: 'last-owner' };

export async function updateMember(tx: Transaction, id: string, change: MemberChange, now: number): Promise<MemberUpdate> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${OWNERS_LOCK}, 0))`);
  const members = await listMembers(tx, now);
  const before = members.find((member) => member.id === id);
  if (before === undefined) return { type: 'missing' };
  await lockAccount(tx, id);
  const { name, role, disabled, attributes } = change;
  const goes = disabled === true || (role !== undefined && role !== 'owner') || attributes?.everyTeam === false;
  if (goes && ownsAll(before) && members.filter(ownsAll).length === 1) return { type: 'last-owner' };
  if (name !== undefined || role !== undefined) {
    await tx
      .update(person)
      .set({ ...(name === undefined ? {} : { name }), ...(role === undefined ? {} : { role }) })
      .where(eq(person.id, id));
  }
  if (attributes !== undefined) await setPersonAttributes(tx, id, attributes);
  if (disabled !== undefined) await setDisabled(tx, id, disabled, now);
  return { type: 'changed', before, member: (await findMember(tx, id, now))! };
}

/**
 * Whether somebody can manage the installation: an owner of every team (access policy `installation-is-for-all-teams`) who can sign in.
 * An invitation that nobody took up is no owner.
 */
export const ownsAll = ({ role, state, attributes }: Member): boolean =>
  role === 'owner' && state === 'active' && attributes.everyTeam;
