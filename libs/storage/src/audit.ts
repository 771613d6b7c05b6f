/** What people did, and what they were refused. A row belongs in the transaction of the change that it tells of. */
import type { Database, Transaction } from './database.js';
import { audit } from './schema.js';

export interface AuditEntry {
  /** Milliseconds since the epoch. */
  at: number;
  /** Null where nobody was signed in. */
  personId: string | null;
  /** Verb and object: `decision.lift`, `session.reuse`. */
  action: string;
  /** Id of what it was done to. */
  object: string;
  /** Never a secret. */
  detail: Record<string, unknown>;
  address: string;
}

/** Adds a row; there is no function that changes or removes one. */
export async function recordAudit(tx: Database | Transaction, entry: AuditEntry): Promise<void> {
  await tx.insert(audit).values(entry);
}
