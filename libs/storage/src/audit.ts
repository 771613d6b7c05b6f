/**
 * What people did, and what they were refused: rows in a chain, each with the hash of the one before it, so that an edit, a
 * gap and a missing end are found (audit-verify.ts). A row belongs in the transaction of the change that it tells of. Who
 * writes holds the head's row lock until the commit, which gives all rows one order without gaps.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { canonicalJson, cleanText, type EnforceableSubject } from '@plimsoll/contracts';
import { eq } from 'drizzle-orm';
import { partiesOf } from './audit-parties.js';
import type { Database, Transaction } from './database.js';
import { audit } from './schema.js';
import { auditHead } from './schema-audit.js';

export interface AuditEntry {
  /** Milliseconds since the epoch. */
  at: number;
  /** Null where nobody was signed in. */
  personId: string | null;
  /** Verb and object: `decision.lift`, `session.reuse`. */
  action: string;
  /** `allowed` unless something else is said. */
  outcome?: 'allowed' | 'denied';
  /** Id of what it was done to. */
  object: string;
  service?: string | undefined;
  /** Whom it is about. Those that `before`, `after` and `detail` name as subjects or in lists are found there. */
  about?: EnforceableSubject | undefined;
  /** What was changed, as it was and as it is. Never a secret. */
  before?: unknown;
  after?: unknown;
  /** What else there is to say. Never a secret. */
  detail: Record<string, unknown>;
  /** Why, in the person's words. */
  reason?: string | null | undefined;
  /** Whence. */
  address: string;
  userAgent?: string | undefined;
  sessionId?: string | undefined;
  requestId?: string | undefined;
}

export type AuditRow = typeof audit.$inferSelect;

/** What the hash of a row is taken of: everything in it but the hash. */
export const hashOfRow = ({ hash: _, ...rest }: AuditRow): string =>
  createHash('sha256').update(canonicalJson(rest)).digest('base64url');

/** Counts the rows that are written within a piece of work, whoever in it writes them; those that are rolled back too. */
export const auditRowsWithin = new AsyncLocalStorage<{ rows: number }>();

/**
 * Adds a row; there is no function that changes or removes one, and the database refuses both. In a transaction it had
 * better be the last thing done: all other writers of the audit wait until the commit.
 */
export async function recordAudit(on: Database | Transaction, entry: AuditEntry): Promise<AuditRow> {
  if ('$client' in on) return on.transaction((tx) => recordAudit(tx, entry));
  const told = await partiesOf(on, tidy(entry));
  const [head] = await on.select().from(auditHead).where(eq(auditHead.one, 1)).for('update');
  if (head === undefined) throw new Error('the audit has no head: its row was removed');
  const { personId, action, outcome = 'allowed', address, at } = entry;
  const unsigned = {
    id: head.id + 1,
    at,
    personId,
    action,
    outcome,
    object: told.object,
    service: entry.service ?? serviceIn(entry.detail),
    parties: told.refs,
    before: told.before ?? null,
    after: told.after ?? null,
    detail: told.detail,
    reason: told.reason ?? null,
    address,
    userAgent: told.userAgent ?? null,
    sessionId: entry.sessionId ?? null,
    requestId: entry.requestId ?? null,
    previous: head.hash,
  };
  const row: AuditRow = { ...unsigned, hash: hashOfRow({ ...unsigned, hash: '' }) };
  await on.insert(audit).values(row);
  await on.update(auditHead).set({ id: row.id, hash: row.hash }).where(eq(auditHead.one, 1));
  const within = auditRowsWithin.getStore();
  if (within) within.rows += 1;
  return row;
}

const serviceIn = ({ service }: Record<string, unknown>): string | null => (typeof service === 'string' ? service : null);

/** As JSON keeps it and PostgreSQL takes it: no NUL, no lone surrogate, nothing undefined. */
function tidy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, member: unknown) => (typeof member === 'string' ? cleanText(member) : member));
}
