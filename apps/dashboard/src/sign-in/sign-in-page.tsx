/** Signs in: by passkey first, then by a one-time link or a recovery code, and says how to get one. */
import { getRouteApi } from '@tanstack/react-router';
import { KeyRound, LoaderCircle } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { passkeySupport, supportSentence } from '../passkey.js';
import { session } from '../session.js';
import { Logo } from '../shell/logo.js';
import { Button } from '../ui/button.js';
import { CodeBlock } from '../ui/copy.js';
import { Field, Input } from '../ui/field.js';
import { useTitle } from '../ui/title.js';
import { type Stage, useSignIn } from './use-sign-in.js';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  useTitle('Sign in');
  const { ended, to } = route.useSearch();
  const { stage, byPasskey, byCode, useLink: signInByLink } = useSignIn(to);
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
        ) : stage.type === 'recovery' ? (
          <Recovery stage={stage} byPasskey={byPasskey} byLink={signInByLink} />
        ) : (
          <>
            <h1 className="font-semibold text-xl tracking-tight">Sign in</h1>
            {stage.type === 'refused' && <Refusal why={stage.why} />}
            {stage.type === 'waiting' && why !== undefined && <Refusal why={why} />}
            {stage.type === 'waiting' && ended && why === undefined && (
              <p className="mt-1 text-muted text-sm">Your session has ended.</p>
            )}
            <PasskeyButton onClick={byPasskey} />
            <CodeForm onCode={byCode} />
            <p className="mt-5 border-t pt-4 text-muted text-sm">
              No passkey yet? Plimsoll has no passwords. Ask for a fresh link where it is installed, then open it in this browser:
            </p>
            <CodeBlock label="sign-in command" code="npx plimsoll sign-in-link" className="mt-3" />
            <p className="mt-3 text-faint text-xs">
              A link works once and for 15 minutes. Somebody else runs Plimsoll? Ask them for an invitation.
            </p>
          </>
        )}
      </div>
    </main>
  );
}

const Refusal = ({ why }: { why: string }) => (
  <p role="alert" className="mt-3 rounded-md bg-critical/10 px-3 py-2 text-critical text-sm">
    {why}
  </p>
);

function PasskeyButton({ onClick }: { onClick: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const support = passkeySupport();
  if (support !== 'yes')
    return <p className="mt-4 rounded-md bg-high/10 px-3 py-2 text-high text-sm">{supportSentence[support]}</p>;
  const click = () => {
    setBusy(true);
    void onClick().finally(() => setBusy(false));
  };
  return (
    <Button look="primary" size="lg" className="mt-4 w-full" busy={busy} onClick={click}>
      <KeyRound aria-hidden className="size-4" /> Sign in with a passkey
    </Button>
  );
}

function CodeForm({ onCode }: { onCode: (code: string) => Promise<void> }) {
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!code.trim()) return;
    setBusy(true);
    void onCode(code.trim()).finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit} className="mt-5 flex items-end gap-2">
      <Field label="Recovery code" className="min-w-0 flex-1" hint="If you have lost your passkeys.">
        {(ids) => (
          <Input
            {...ids}
            value={code}
            maxLength={100}
            spellCheck={false}
            autoComplete="one-time-code webauthn"
            onChange={(event) => setCode(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" busy={busy} disabled={!code.trim()} className="mb-[1.375rem]">
        Use code
      </Button>
    </form>
  );
}

interface RecoveryProps {
  stage: Stage & { type: 'recovery' };
  byPasskey: () => Promise<void>;
  byLink: (token: string) => Promise<void>;
}

const Recovery = ({ stage, byPasskey, byLink }: RecoveryProps) => (
  <>
    <h1 className="font-semibold text-xl tracking-tight">Sign in as {stage.name}</h1>
    <p className="mt-2 text-muted text-sm">You have a passkey: sign in with it, and the link stays unused.</p>
    <PasskeyButton onClick={byPasskey} />
    <p className="mt-5 border-t pt-4 text-muted text-sm">
      Have you lost it? The link then lets you make a new one. All your sessions end, and what is dangerous waits for a day.
    </p>
    <Button className="mt-3 w-full" onClick={() => void byLink(stage.token)}>
      I have lost my passkeys
    </Button>
  </>
);
