/**
 * The admin API for the pages: `callOperation` with the session's token, renewed once where the server says that it is
 * no longer good. This is the only door to the server beside the live channel.
 */
import type { Assertion, OperationName, RequestOptions } from '@plimsoll/contracts';
import { type AnswerOf, ApiError, type CallInput, type SendOptions, send } from './http.js';
import { type SessionStore, session } from './session.js';

/** What proves presence: the passkey prompt, whose code comes when it is first asked for, or a test's stand-in. */
type Prove = (options: RequestOptions) => Promise<Assertion>;
const askPasskey: Prove = async (options) => (await import('./passkey.js')).askPasskey(options);

/** Binds the client to a session; the pages use the one below, tests their own. */
export function createApi(
  store: Pick<SessionStore, 'accessToken' | 'renew'>,
  sendOne: typeof send = send,
  prove: Prove = askPasskey,
) {
  async function withToken<N extends OperationName>(name: N, input: CallInput<N>, options: SendOptions): Promise<AnswerOf<N>> {
    const accessToken = await store.accessToken();
    try {
      return await sendOne(name, input, { ...options, accessToken });
    } catch (error) {
      if (!(error instanceof ApiError) || error.fault.type !== 'problem' || error.fault.problem.code !== 'unauthenticated')
        throw error;
      const renewed = await store.renew();
      return sendOne(name, input, { ...options, accessToken: renewed.accessToken });
    }
  }
  /** Where the server asks for presence, the passkey prompt opens and the same call is repeated with the proof. */
  return async function callOperation<N extends OperationName>(
    name: N,
    input: CallInput<N>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<N>> {
    try {
      return await withToken(name, input, { signal });
    } catch (error) {
      const asked = error instanceof ApiError && error.fault.type === 'problem' ? error.fault.problem.stepUp : undefined;
      if (asked === undefined) throw error;
      const proof = { nonce: asked.nonce, assertion: await prove(asked.options) };
      return withToken(name, input, { signal, stepUp: base64url(JSON.stringify(proof)) });
    }
  };
}

/** Of a text that is ASCII, as ids, nonces and WebAuthn's JSON are. */
const base64url = (text: string) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/**
 * Calls one operation of the contract.
 * @throws ApiError with a problem document, or saying that the server cannot be reached; PasskeyError where presence was not proven.
 */
export const callOperation = createApi(session);
