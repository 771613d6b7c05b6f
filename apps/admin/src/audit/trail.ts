/** What a person's rows of the audit have in common: who, in which session, whence, in which request. */
import { type AuditEntry, type Database, recordAudit, type Transaction } from '@plimsoll/storage';
import type { Caller } from '../auth/guards.js';

/** What a handler says of a change; the rest is the caller's. */
export type Deed = Pick<AuditEntry, 'action' | 'object'> &
  Partial<Pick<AuditEntry, 'outcome' | 'service' | 'about' | 'before' | 'after' | 'detail' | 'reason'>>;

/** Writes down what a caller did, in the transaction of the change. */
export async function recordDeed(on: Database | Transaction, caller: Caller, at: number, deed: Deed): Promise<void> {
  const { person, sessionId, address, userAgent, requestId } = caller;
  await recordAudit(on, { at, personId: person.id, sessionId, address, userAgent, requestId, detail: {}, ...deed });
}
