/** Asks for passkeys until there are enough. `Later` is until the page is loaded again: it cannot be put away for ever. */
import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { accountQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { useEnrol } from './enrol.js';

export function PasskeyReminder() {
  const { data } = useQuery(accountQuery);
  const [later, setLater] = useState(false);
  const enrol = useEnrol();
  if (!data || later || data.passkeys.length >= data.passkeysWanted) return null;
  const none = data.passkeys.length === 0;
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b bg-medium/10 px-4 py-2 text-sm sm:px-6">
      <KeyRound aria-hidden className="size-4 shrink-0 text-medium" />
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-semibold">{none ? 'Add a passkey.' : 'Add a second passkey.'}</span>{' '}
        {none
          ? 'With it you sign in without a link, and may do what is dangerous.'
          : 'An owner who loses the only one is locked out for a day.'}
      </p>
      <span className="flex gap-2">
        <Button size="sm" look="primary" busy={enrol.isPending} onClick={() => enrol.mutate()}>
          Add a passkey
        </Button>
        <Button size="sm" look="ghost" onClick={() => setLater(true)}>
          Later
        </Button>
      </span>
    </div>
  );
}
