/**
 * The ways in, as one stage after the other: a link in the address is looked at and, for somebody without a passkey, used at once;
 * for somebody with one it would begin a recovery, which nobody should begin by a click on an old link.
 */
import { useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, send } from '../http.js';
import { askPasskey, offerPasskeys, PasskeyError, stopOffering } from '../passkey.js';
import { session } from '../session.js';
import { returnPath, takeToken } from './fragment.js';

export type Stage =
  | { type: 'signing-in' }
  | { type: 'waiting' }
  | { type: 'refused'; why: string }
  /** The link is for somebody who has passkeys. */
  | { type: 'recovery'; token: string; name: string };

const REFUSED = 'This link has been used or has run out. Links work once, for 15 minutes.';
/** Challenges run out after five minutes. */
const OFFER_MS = 4 * 60_000;

/** Whether this browser has a session; a server that cannot say counts as none. */
const signedIn = (): Promise<boolean> =>
  session.restore().then(
    ({ status }) => status === 'signed-in',
    () => false,
  );

const isRefusal = (error: unknown) => error instanceof ApiError && [400, 401, 403, 404, 409, 410].includes(error.status);

export function useSignIn(to: string | undefined) {
  const router = useRouter();
  const [stage, setStage] = useState<Stage>({ type: 'signing-in' });
  const left = useRef(false);
  const go = useCallback(() => void router.navigate({ href: returnPath(to), replace: true }), [router, to]);
  const show = useCallback((next: Stage) => {
    if (!left.current) setStage(next);
  }, []);

  /** Does one of the ways in; what went wrong is shown. */
  const attempt = useCallback(
    async (way: () => Promise<void>, refused?: string) => {
      try {
        await way();
        if (!left.current) go();
      } catch (error) {
        if (error instanceof PasskeyError && error.reason === 'cancelled') show({ type: 'refused', why: error.message });
        // A link opened twice in one browser: the session that it began is good enough.
        else if (refused && isRefusal(error) && (await signedIn())) go();
        else show({ type: 'refused', why: refused && isRefusal(error) ? refused : (error as Error).message });
      }
    },
    [go, show],
  );

  const useLink = useCallback(
    (token: string) => {
      show({ type: 'signing-in' });
      return attempt(() => session.signIn(token), REFUSED);
    },
    [attempt, show],
  );

  useEffect(() => {
    left.current = false;
    const arrive = async () => {
      const token = takeToken(window.location, window.history);
      if (!token) {
        if (await signedIn()) go();
        else if (!left.current) setStage((old) => (old.type === 'signing-in' ? { type: 'waiting' } : old));
        return;
      }
      show({ type: 'signing-in' });
      await attempt(async () => {
        const link = await send('linkInfo', { body: { token } });
        if (link.does === 'sign-in') return session.signIn(token);
        if (await signedIn()) return;
        show({ type: 'recovery', token, name: link.name });
        left.current = true; // Stays here until a way is chosen.
      }, REFUSED);
      left.current = false;
    };
    void arrive();
    const again = () => void arrive();
    // A link opened in a tab that is already here changes the fragment only.
    window.addEventListener('hashchange', again);
    return () => {
      left.current = true;
      window.removeEventListener('hashchange', again);
    };
  }, [attempt, go, show]);

  const byPasskey = useCallback(
    () =>
      attempt(async () => {
        const assertion = await askPasskey(await send('signInOptions', {}));
        await session.enter(() => send('signInWithPasskey', { body: { assertion } }));
      }),
    [attempt],
  );
  const byCode = useCallback(
    (code: string) => attempt(() => session.enter(() => send('signInWithCode', { body: { code } }))),
    [attempt],
  );
  useOffer(stage.type === 'waiting', attempt);
  return { stage, byPasskey, byCode, useLink };
}

/** Passkeys in the autofill of the code's field, while the page waits. */
function useOffer(waiting: boolean, attempt: (way: () => Promise<void>) => Promise<void>): void {
  useEffect(() => {
    if (!waiting) return;
    let over = false;
    const offer = async () => {
      const options = await send('signInOptions', {}).catch(() => undefined);
      const assertion = options && !over ? await offerPasskeys(options) : undefined;
      if (assertion && !over) await attempt(() => session.enter(() => send('signInWithPasskey', { body: { assertion } })));
    };
    void offer();
    const timer = setInterval(() => void offer(), OFFER_MS);
    return () => {
      over = true;
      clearInterval(timer);
      stopOffering();
    };
  }, [waiting, attempt]);
}
