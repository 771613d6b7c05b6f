/** Signs in with the one-time link that the command line prints, or explains how to get one. */
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ApiError } from '../http.js';
import { session } from '../session.js';
import { Logo } from '../shell/logo.js';
import { CodeBlock } from '../ui/copy.js';
import { useTitle } from '../ui/title.js';
import { returnPath, takeToken } from './fragment.js';

const route = getRouteApi('/sign-in');

type Stage = { type: 'signing-in' } | { type: 'waiting' } | { type: 'refused'; why: string };

const REFUSED = 'This link has been used or has run out. Links work once, for 15 minutes.';

/** Whether this browser has a session; a server that cannot say counts as none. */
const signedIn = (): Promise<boolean> =>
  session.restore().then(
    ({ status }) => status === 'signed-in',
    () => false,
  );

/** A link opened in a tab that is already here changes the fragment only: listen for that too. */
function useSignIn(): Stage {
  const { to } = route.useSearch();
  const router = useRouter();
  const [stage, setStage] = useState<Stage>({ type: 'signing-in' });
  useEffect(() => {
    let left = false;
    const go = () => void router.navigate({ href: returnPath(to), replace: true });
    const attempt = async () => {
      const token = takeToken(window.location, window.history);
      if (!token) {
        if (await signedIn()) go();
        else if (!left) setStage((old) => (old.type === 'refused' ? old : { type: 'waiting' }));
        return;
      }
      setStage({ type: 'signing-in' });
      try {
        await session.signIn(token);
        if (!left) go();
      } catch (error) {
        const refused = error instanceof ApiError && [400, 401, 403, 404, 409, 410].includes(error.status);
        // A link opened twice in one browser: the session that it began is good enough.
        if (refused && (await signedIn())) return go();
        if (!left) setStage({ type: 'refused', why: refused ? REFUSED : (error as Error).message });
      }
    };
    void attempt();
    const again = () => void attempt();
    window.addEventListener('hashchange', again);
    return () => {
      left = true;
      window.removeEventListener('hashchange', again);
    };
  }, [router, to]);
  return stage;
}

export function SignInPage() {
  useTitle('Sign in');
  const { ended } = route.useSearch();
  const stage = useSignIn();
  const state = session.snapshot();
  const why = state.status === 'signed-out' ? state.why : undefined;
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <Logo className="mb-8" />
      <div className="w-full max-w-md rounded-xl border bg-surface p-6 shadow-card">
        {stage.type === 'signing-in' ? (
          <p role="status" className="flex items-center justify-center gap-2 py-6 text-muted">
            <LoaderCircle aria-hidden className="size-4 animate-spin" /> Signing in…
          </p>
        ) : (
          <>
            <h1 className="font-semibold text-xl tracking-tight">Sign in</h1>
            {stage.type === 'refused' && (
              <p role="alert" className="mt-3 rounded-md bg-critical/10 px-3 py-2 text-critical text-sm">
                {stage.why}
              </p>
            )}
            {stage.type === 'waiting' && why !== undefined && (
              <p role="alert" className="mt-3 rounded-md bg-critical/10 px-3 py-2 text-critical text-sm">
                {why}
              </p>
            )}
            {stage.type === 'waiting' && ended && why === undefined && (
              <p className="mt-1 text-muted text-sm">Your session has ended.</p>
            )}
            <p className="mt-3 text-muted text-sm">
              Plimsoll has no passwords. Ask for a fresh link where it is installed, then open it in this browser:
            </p>
            <CodeBlock label="sign-in command" code="npx plimsoll sign-in-link" className="mt-3" />
            <p className="mt-3 text-faint text-xs">
              A link works once and for 15 minutes. Somebody else runs Plimsoll? Ask them for one.
            </p>
          </>
        )}
      </div>
    </main>
  );
}
