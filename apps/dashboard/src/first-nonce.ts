/**
 * Asks for a nonce before one is needed. A proof without a good one is refused and made again, which works as well; but
 * browsers write each refusal into their console as an error, where people look for real ones.
 */

import { firstNonce } from 'virtual:contract';
import { FIRST_NONCE_PATH } from '@plimsoll/contracts';
import { check } from './contract/shape.js';
import type { Prover } from './prover.js';

const WITHIN_MS = 10_000;

/**
 * Whether this browser holds a refresh token, of any worth. Where the server does not say, true: the refresh itself will
 * find out, and say what is wrong. Never throws.
 */
export async function learnNonce(proving: Pick<Prover, 'nonce'>): Promise<boolean> {
  try {
    const answer = await fetch(FIRST_NONCE_PATH, {
      signal: AbortSignal.timeout(WITHIN_MS),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
    const nonce = answer.headers.get('dpop-nonce');
    if (nonce) proving.nonce = nonce;
    const read = check(firstNonce, await answer.json());
    return read.type === 'faulty' || (read.value as { cookie: boolean }).cookie;
  } catch {
    return true;
  }
}
