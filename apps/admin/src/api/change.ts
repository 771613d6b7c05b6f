/** One way for every change that a person makes: the work and its audit row commit together or not at all. */
import { recordAudit, type Transaction } from '@plimsoll/storage';
import type { Caller } from '../auth/guards.js';
import type { Context } from '../context.js';

export interface Deed {
  /** Verb and object: `alert.resolve`. */
  action: string;
  /** Id of what is changed. */
  object: string;
  detail: Record<string, unknown>;
}

/**
 * @param work gives its result, and may throw a problem: then nothing happened and nothing is written down.
 * @param deed what the audit says, told by the result.
 */
export function change<T>(
  { db, now }: Context,
  caller: Pick<Caller, 'person' | 'address'>,
  work: (tx: Transaction, at: number) => Promise<T>,
  deed: (result: T) => Deed,
): Promise<T> {
  const at = now();
  return db.transaction(async (tx) => {
    const result = await work(tx, at);
    await recordAudit(tx, { at, personId: caller.person.id, address: caller.address, ...deed(result) });
    return result;
  });
}
