/** What an answer to a batch of request logs means. Pure, so that each case can be read and tested on its own. */
import type { Answer } from './wire.js';

export type Outcome =
  /** Taken by the server; `rejected` of its logs were refused one by one. */
  | { type: 'delivered'; rejected: number; feedVersion: number | undefined; sane: boolean }
  /** Too large: send it in halves. */
  | { type: 'split' }
  /** Will never be taken. */
  | { type: 'refused'; why: string; status?: number }
  /** Later again, with the same batch id. `patient` where the batch itself is not suspected. */
  | { type: 'retry'; code: 'unreachable' | 'refused'; why: string; retryAfter: string | undefined; patient: boolean };

/** 202 alone is success: a 200 may come from anything between. A redirect is not followed and counts as a fault. */
export function outcomeOf(answer: Answer, logs: number): Outcome {
  if (answer.type === 'failure')
    return { type: 'retry', code: 'unreachable', why: answer.message, retryAfter: undefined, patient: true };
  const { status, retryAfter, text } = answer;
  const why = `it answered ${status}`;
  if (status === 202) return readAcceptance(text, logs);
  if (status === 413) return { type: 'split' };
  // 409: a signed batch that Plimsoll has seen before, or a later one.
  if (status === 400 || status === 409 || status === 415 || status === 422) return { type: 'refused', why, status };
  // 500 and the like may be this batch's own doing: it must not hold up the others for ever.
  const suspect = status >= 500 && status !== 502 && status !== 503 && status !== 504;
  return { type: 'retry', code: 'refused', why, retryAfter, patient: !suspect };
}

/** Refused as a server refuses what it cannot read, whatever it is. */
export const unread = (outcome: Outcome): boolean =>
  outcome.type === 'refused' && (outcome.status === 415 || outcome.status === 400 || outcome.status === 422);

function readAcceptance(text: string, logs: number): Outcome {
  const none = { type: 'delivered', rejected: 0, feedVersion: undefined, sane: false } as const;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return none;
    const { accepted, feedVersion } = body as Record<string, unknown>;
    const version = Number.isSafeInteger(feedVersion) ? (feedVersion as number) : undefined;
    // The list of the rejected may be cut short, the count of the accepted is whole.
    if (!Number.isSafeInteger(accepted) || (accepted as number) < 0 || (accepted as number) > logs) return none;
    return { type: 'delivered', rejected: logs - (accepted as number), feedVersion: version, sane: true };
  } catch {
    return none;
  }
}
