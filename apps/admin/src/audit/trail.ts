/**
 * What a person's rows of the audit have in common: who, in which session, whence, in which request. It also knows whose
 * request has left a row, so that no change goes by without one (audit.interceptor.ts).
 */
import { type AuditEntry, type Database, recordAudit, type Transaction } from '@plimsoll/storage';
import type { Caller } from '../auth/guards.js';

/** What a handler says of a change; the rest is the caller's. */
export type Deed = Pick<AuditEntry, 'action' | 'object'> &
  Partial<Pick<AuditEntry, 'outcome' | 'service' | 'about' | 'before' | 'after' | 'detail' | 'reason'>>;

const told = new WeakSet<Caller>();

/** Writes down what a caller did, in the transaction of the change. */
export async function recordDeed(on: Database | Transaction, caller: Caller, at: number, deed: Deed): Promise<void> {
  const { person, sessionId, address, userAgent, requestId } = caller;
  await recordAudit(on, { at, personId: person.id, sessionId, address, userAgent, requestId, detail: {}, ...deed });
  told.add(caller);
}

/** Whether the caller's request has left a row. One that was rolled back counts: then the request failed. */
export const hasTold = (caller: Caller): boolean => told.has(caller);
