/**
 * Whom audit rows are about. A chained row can never be changed, so the ids of a service's users and addresses stand apart,
 * under references that are salted hashes of them: erasing somebody removes that row, and the chain stays whole. A row that
 * somebody gave another id no longer fits its reference, which the verification finds.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { EnforceableSubject, SubjectType } from '@plimsoll/contracts';
import { and, eq, inArray, or } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { namesId, replaceId } from './id-in-text.js';
import { auditParty } from './schema-audit.js';

type Party = typeof auditParty.$inferSelect;
type PartyType = EnforceableSubject['type'];
const SALT_BYTES = 16;
/** Beyond them a row would name a list, not a party; the rest of the list is left out and counted. */
const MAX_PARTIES = 200;

/** Members of settings and details that are lists of ids, and of what. */
const lists: Record<string, PartyType> = { actors: 'actor', addresses: 'address', credentials: 'credential' };
const types: readonly string[] = Object.values(lists);

export const refOf = ({ type, id, salt }: Pick<Party, 'type' | 'id' | 'salt'>): string =>
  `sub_${createHash('sha256')
    .update(JSON.stringify([salt, type, id]))
    .digest('base64url')
    .slice(0, 24)}`;

const keyOf = ({ type, id }: { type: string; id: string }): string => `${type} ${id}`;

interface Told {
  object: string;
  about?: EnforceableSubject | undefined;
  before?: unknown;
  after?: unknown;
  detail: Record<string, unknown>;
  reason?: string | null | undefined;
  userAgent?: string | undefined;
}

/** The entry with references in the place of ids, and those references. What is new among them is remembered. */
export async function partiesOf<T extends Told>(tx: Transaction, entry: T): Promise<T & { refs: string[] }> {
  const named = new Map<string, EnforceableSubject>();
  const add = (type: PartyType, id: string): string => {
    named.set(keyOf({ type, id }), { type, id });
    return id;
  };
  if (entry.about) add(entry.about.type, entry.about.id);
  walk([entry.before, entry.after, entry.detail], { id: add, text: (said) => said });
  if (named.size === 0) return { ...entry, refs: [] };
  const refs = await refsFor(tx, mostOf([...named.values()], entry));
  const hide = (type: PartyType, id: string): string => refs.get(keyOf({ type, id })) ?? 'left out';
  const text = textHiding([...named.values()], hide);
  const how: Walk = { id: hide, text };
  const { about, object, reason } = entry;
  return {
    ...entry,
    object: about !== undefined && object === about.id ? hide(about.type, about.id) : object,
    before: walk(entry.before, how),
    after: walk(entry.after, how),
    detail: walk(entry.detail, how) as Record<string, unknown>,
    ...(reason ? { reason: text(reason, 'reason') } : {}),
    refs: [...new Set(refs.values())].sort(),
  };
}

/** First whose id stands in a text too: there it may be a word of a route, that would be lost for good without any erasure. */
function mostOf(parties: EnforceableSubject[], { before, after, detail, reason }: Told): EnforceableSubject[] {
  if (parties.length <= MAX_PARTIES) return parties;
  const texts = reason ? [reason] : [];
  const note = (said: string): string => {
    texts.push(said);
    return said;
  };
  walk([before, after, detail], { id: (_, id) => id, text: note });
  const isTold = new Map(parties.map((party) => [party, texts.some((text) => namesId(text, party.id))]));
  return [...parties].sort((a, b) => Number(isTold.get(b)) - Number(isTold.get(a))).slice(0, MAX_PARTIES);
}

interface Walk {
  id: (type: PartyType, id: string) => string;
  /** Of any other text, by the member in which it stands. */
  text: (said: string, member: string) => string;
}

/** Members in which people write, and names of endpoints: the whole of such a text may be an id. */
const TEXTS = new Set(['name', 'reason', 'note', 'text', 'search', 'endpoint', 'steps', 'path']);

/**
 * Texts without the parties' ids, longer ones first. In the name of an endpoint an id would be read for ever by who can no longer be told
 * whose it is. A state or an action that only equals an id stays.
 */
function textHiding(parties: readonly EnforceableSubject[], hide: Walk['id']): Walk['text'] {
  const longest = [...parties].sort((a, b) => b.id.length - a.id.length);
  return (said, member) => {
    let hidden = said;
    for (const { type, id } of longest) {
      if (said !== id || TEXTS.has(member)) hidden = replaceId(hidden, id, () => hide(type, id));
    }
    return hidden;
  };
}

/** A copy of a JSON value in which each id of a party, and each other text, went through `how`. */
function walk(value: unknown, how: Walk, member = '', list?: PartyType): unknown {
  if (typeof value === 'string') return list === undefined ? how.text(value, member) : how.id(list, value);
  if (Array.isArray(value)) return value.map((item) => walk(item, how, member, list));
  if (typeof value !== 'object' || value === null) return value;
  const { type, id } = value as { type?: unknown; id?: unknown };
  const isParty = typeof type === 'string' && typeof id === 'string' && types.includes(type);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (isParty && name === 'id') return [name, how.id(type as PartyType, id)];
      return [name, walk(inner, how, name, Array.isArray(inner) && Object.hasOwn(lists, name) ? lists[name] : undefined)];
    }),
  );
}

/** Sorted, so that two who name the same parties wait for each other in one order. */
async function refsFor(tx: Transaction, subjects: EnforceableSubject[]): Promise<Map<string, string>> {
  const rows = subjects
    .map((subject) => ({ ...subject, salt: randomBytes(SALT_BYTES).toString('base64url') }))
    .map((party) => ({ ...party, ref: refOf(party) }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await tx
    .insert(auditParty)
    .values(rows)
    .onConflictDoNothing({ target: [auditParty.type, auditParty.id] });
  const known = await tx
    .select()
    .from(auditParty)
    .where(or(...subjects.map(({ type, id }) => and(eq(auditParty.type, type), eq(auditParty.id, id)))));
  return new Map(known.map((party) => [keyOf(party), party.ref]));
}

/** Whom these references stand for; who was erased is absent. */
export async function readParties(
  db: Database | Transaction,
  refs: readonly string[],
): Promise<Map<string, { type: SubjectType; id: string }>> {
  if (refs.length === 0) return new Map();
  const rows = await db
    .select()
    .from(auditParty)
    .where(inArray(auditParty.ref, [...new Set(refs)]));
  return new Map(rows.map(({ ref, type, id }) => [ref, { type: type as SubjectType, id }]));
}

/** The parties of the audit with this id, of whatever type. */
export async function partiesNamed(db: Database | Transaction, id: string): Promise<EnforceableSubject[]> {
  const rows = await db.select({ type: auditParty.type, id: auditParty.id }).from(auditParty).where(eq(auditParty.id, id));
  return rows.map((row) => ({ ...row, type: row.type as PartyType }));
}

/** The references under which somebody stands in the audit. */
export async function refsOfParty(db: Database | Transaction, id: string): Promise<string[]> {
  const rows = await db.select({ ref: auditParty.ref }).from(auditParty).where(eq(auditParty.id, id));
  return rows.map(({ ref }) => ref);
}

const REF = /\bsub_[\w-]{24}(?![\w-])/g;

/** A JSON value with `named(ref)` in the place of each reference that it gives a name for. */
export function withNames<T>(value: T, named: (ref: string) => string | undefined): T {
  const text = JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' ? member.replace(REF, (ref) => named(ref) ?? ref) : member,
  );
  return text === undefined ? value : JSON.parse(text);
}
