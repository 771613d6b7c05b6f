/**
 * The admin API for the pages: `callOperation` with the session's token, renewed once where the server says that it is
 * no longer good. This is the only door to the server beside the live channel.
 */
import type { OperationName } from '@plimsoll/contracts';
import { type AnswerOf, ApiError, type CallInput, send } from './http.js';
import { type SessionStore, session } from './session.js';

/** Binds the client to a session; the pages use the one below, tests their own. */
export function createApi(store: Pick<SessionStore, 'accessToken' | 'renew'>, sendOne: typeof send = send) {
  return async function callOperation<N extends OperationName>(
    name: N,
    input: CallInput<N>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<N>> {
    const accessToken = await store.accessToken();
    try {
      return await sendOne(name, input, { accessToken, signal });
    } catch (error) {
      if (!(error instanceof ApiError) || error.fault.type !== 'problem' || error.fault.problem.code !== 'unauthenticated')
        throw error;
      const renewed = await store.renew();
      return sendOne(name, input, { accessToken: renewed.accessToken, signal });
    }
  };
}

/**
 * Calls one operation of the contract.
 * @throws ApiError with a problem document, or saying that the server cannot be reached.
 */
export const callOperation = createApi(session);
