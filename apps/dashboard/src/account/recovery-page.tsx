/** All that a recovery session is for: to make a new passkey, or to leave. */
import type { Account } from '@plimsoll/contracts';
import { KeyRound } from 'lucide-react';
import { session } from '../session.js';
import { Logo } from '../shell/logo.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { Countdown } from '../ui/time.js';
import { useTitle } from '../ui/title.js';
import { useEnrol } from './enrol.js';

export function RecoveryPage({ account }: { account: Account }) {
  useTitle('Recovery');
  const enrol = useEnrol();
  const leave = () =>
    session.signOut().catch((error: Error) => toast.error('Signing out failed', { description: error.message }));
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <Logo className="mb-8" />
      <div className="w-full max-w-md space-y-3 rounded-xl border bg-surface p-6 shadow-card">
        <h1 className="font-semibold text-xl tracking-tight">Make a new passkey</h1>
        <p className="text-muted text-sm">
          {account.person.name}, this session can do nothing else: who has lost a passkey comes this way, and so would a thief of
          a link or a code. All your other sessions have ended. What is dangerous waits for a day.
        </p>
        {account.enrolUntil === null ? (
          <p role="alert" className="rounded-md bg-critical/10 px-3 py-2 text-critical text-sm">
            The fifteen minutes for it are over. Use another recovery code, or ask an owner for a link.
          </p>
        ) : (
          <p className="text-faint text-xs">
            Time left: <Countdown until={account.enrolUntil} />
          </p>
        )}
        <div className="flex gap-2 pt-1">
          <Button look="primary" disabled={account.enrolUntil === null} busy={enrol.isPending} onClick={() => enrol.mutate()}>
            <KeyRound aria-hidden className="size-4" /> Make a passkey
          </Button>
          <Button onClick={leave}>Sign out</Button>
        </div>
      </div>
    </main>
  );
}
