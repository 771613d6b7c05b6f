/**
 * The customer's own access policies and cases. A change takes the lock of the set's one row first, so that two edits that are
 * each harmless cannot together lock everybody out; the version that it raises tells other processes to read anew.
 */
import type {
  AccessCase,
  AccessPolicyVersion,
  AccessPolicyView,
  AccessRequest,
  Outcome,
  PersonAttributes,
} from '@plimsoll/contracts';
import { asc, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { attributesOf } from './people.js';
import { person } from './schema.js';
import { accessCase, accessPolicy, accessPolicySet, accessPolicyVersion } from './schema-access.js';
import { account } from './schema-people.js';

const THE_SET = 1;

/** Who changes something, and when, milliseconds. */
export interface Editor {
  personId: string;
  name: string;
  now: number;
}

/** Raised with every change; 0 before the first. */
export async function policySetVersion(db: Database | Transaction): Promise<number> {
  const [row] = await db.select().from(accessPolicySet).where(eq(accessPolicySet.id, THE_SET));
  return row?.version ?? 0;
}

/** By name. */
export function listPolicies(db: Database | Transaction): Promise<AccessPolicyView[]> {
  return db.select().from(accessPolicy).orderBy(asc(accessPolicy.name), asc(accessPolicy.id));
}

/** Every change of the set waits here for its turn; the version is raised whether or not the change comes about. */
export async function lockPolicySet(tx: Transaction): Promise<void> {
  await tx
    .insert(accessPolicySet)
    .values({ id: THE_SET, version: 1 })
    .onConflictDoUpdate({ target: accessPolicySet.id, set: { version: sql`${accessPolicySet.version} + 1` } });
}

/** After {@link lockPolicySet}. `previous`: the policy as it was; without it a new one is made. */
export async function putPolicy(
  tx: Transaction,
  draft: { name: string; text: string },
  { personId, name: by, now }: Editor,
  previous?: AccessPolicyView,
): Promise<AccessPolicyView> {
  const id = previous?.id ?? newId('acp');
  const version = (previous?.version ?? 0) + 1;
  const row = { id, ...draft, version, changedAt: now, changedBy: by };
  await tx.insert(accessPolicy).values(row).onConflictDoUpdate({ target: accessPolicy.id, set: row });
  await tx.insert(accessPolicyVersion).values({ policyId: id, version, ...draft, at: now, by, personId });
  return row;
}

/** After {@link lockPolicySet}. Its versions stay, with a last one that says that it was removed. */
export async function removePolicy(
  tx: Transaction,
  policy: AccessPolicyView,
  { personId, name: by, now }: Editor,
): Promise<void> {
  const { id, name, version } = policy;
  await tx.delete(accessPolicy).where(eq(accessPolicy.id, id));
  await tx.insert(accessPolicyVersion).values({ policyId: id, version: version + 1, name, text: null, at: now, by, personId });
}

/** Newest first; empty where there never was such a policy. */
export async function policyHistory(db: Database, id: string): Promise<AccessPolicyVersion[]> {
  const { version, name, text, at, by } = accessPolicyVersion;
  return db
    .select({ version, name, text, at, by })
    .from(accessPolicyVersion)
    .where(eq(accessPolicyVersion.policyId, id))
    .orderBy(desc(accessPolicyVersion.version))
    .limit(200);
}

const toCase = ({ request, expected, ...row }: typeof accessCase.$inferSelect): AccessCase => ({
  ...row,
  request: request as AccessRequest,
  expected: expected as Outcome,
});

export async function listCases(db: Database | Transaction): Promise<AccessCase[]> {
  return (await db.select().from(accessCase).orderBy(asc(accessCase.createdAt), asc(accessCase.id))).map(toCase);
}

export async function addCase(
  tx: Transaction,
  draft: Pick<AccessCase, 'name' | 'request' | 'expected'>,
  { name, now }: Editor,
): Promise<AccessCase> {
  const [row] = await tx
    .insert(accessCase)
    .values({ id: newId('acc'), ...draft, createdAt: now, createdBy: name })
    .returning();
  return toCase(row!);
}

export async function removeCase(tx: Transaction, id: string): Promise<AccessCase | undefined> {
  const [row] = await tx.delete(accessCase).where(eq(accessCase.id, id)).returning();
  return row && toCase(row);
}

/** Everybody who can sign in, as the access policy knows them. */
export async function listPrincipals(
  db: Database | Transaction,
): Promise<{ id: string; role: string; attributes: PersonAttributes }[]> {
  const rows = await db
    .select({ id: person.id, role: person.role, attributes: person.attributes })
    .from(person)
    .leftJoin(account, eq(account.personId, person.id))
    .where(isNull(account.disabledAt));
  return rows.map((row) => ({ ...row, attributes: attributesOf(row) }));
}
