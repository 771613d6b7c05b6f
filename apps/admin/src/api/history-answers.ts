/** One way to ask the history: where it is off, being prepared or away, the answer says so in its own words. */
import { type History, historyFault, historyStanding, isBeforeFirstLog, standingAfter } from '@plimsoll/storage';
import type { Context } from '../context.js';
import { ProblemError } from '../http/problem.js';

const RETRY_SECONDS = 5;

/** @throws ProblemError `unavailable` where the history cannot be asked now; anything else is a fault of ours. */
export async function askHistory<T>(
  { history, log }: Pick<Context, 'history' | 'log'>,
  ask: (history: History) => Promise<T>,
): Promise<T> {
  if (history === undefined) throw unavailable((await historyStanding(history)).reason);
  try {
    return await ask(history);
  } catch (error) {
    if (isBeforeFirstLog(error)) throw unavailable('No request has been kept yet: there is nothing to ask.');
    if (historyFault(error) === 'fault') throw error;
    log.warn({ err: error }, 'the history does not answer');
    throw unavailable(standingAfter(error).reason);
  }
}

const unavailable = (reason: string | null) =>
  new ProblemError('unavailable', reason ?? 'The history cannot be read now.', { retryAfterSeconds: RETRY_SECONDS });
