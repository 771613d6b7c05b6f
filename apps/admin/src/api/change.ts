/** One way for every change that a person makes: the work and its audit row commit together or not at all. */
import { databaseFault, type Transaction } from '@plimsoll/storage';
import { type Deed, recordDeed } from '../audit/trail.js';
import type { Caller } from '../auth/guards.js';
import type { Context } from '../context.js';

const MAX_ATTEMPTS = 5;

/**
 * @param work gives its result, and may throw a problem: then nothing happened and nothing is written down. May be asked again
 *   after a deadlock.
 * @param deed what the audit says, told by the result.
 */
export async function change<T>(
  { db, now }: Context,
  caller: Caller,
  work: (tx: Transaction, at: number) => Promise<T>,
  deed: (result: T) => Deed,
): Promise<T> {
  const at = now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(async (tx) => {
        const result = await work(tx, at);
        await recordDeed(tx, caller, at, deed(result));
        return result;
      });
    } catch (error) {
      // Workers lock the same rows, in an order of their own.
      if (attempt >= MAX_ATTEMPTS || databaseFault(error) !== 'contended') throw error;
    }
  }
}
