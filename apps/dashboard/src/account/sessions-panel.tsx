/** Where somebody is signed in. The list is used for the own sessions and for those of a member. */
import type { Account, OpenSession } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { session } from '../session.js';
import { toast } from '../toast.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { Ago } from '../ui/time.js';
import { deviceName } from './device.js';

const came: Record<OpenSession['origin'], string> = { passkey: 'passkey', link: 'link', recovery: 'recovery' };

export function SessionsPanel({ account }: { account: Account }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => callOperation('endSession', { params: { id } }),
    onSuccess: () => toast.success('Session ended'),
    onError: (error) => toast.error('The session could not be ended', { description: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['account'] }),
  });
  const everywhere = useMutation({
    mutationFn: () => callOperation('endSessions', {}),
    onSuccess: () => session.renew().catch(() => {}), // Finds that it is over, and leads to the sign-in.
    onError: (error) => toast.error('Signing out failed', { description: error.message }),
  });
  return (
    <Panel
      title="Sessions"
      actions={
        <Button size="sm" look="warning" busy={everywhere.isPending} onClick={() => everywhere.mutate()}>
          Sign out everywhere
        </Button>
      }
    >
      <SessionList sessions={account.sessions} onEnd={(id) => end.mutate(id)} />
    </Panel>
  );
}

interface SessionListProps {
  sessions: readonly OpenSession[];
  /** Absent where single ones cannot be ended. */
  onEnd?: (id: string) => void;
}

export const SessionList = ({ sessions, onEnd }: SessionListProps) => (
  <ul aria-label="Sessions" className="divide-y">
    {sessions.map(({ id, userAgent, address, lastUsedAt, createdAt, origin, risk, own }) => (
      <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2.5 text-sm">
        <div className="min-w-0 flex-1 basis-48">
          <p title={userAgent} className="break-words font-medium">
            {deviceName(userAgent)}
          </p>
          <p className="text-faint text-xs">
            Used <Ago ts={lastUsedAt} />
            {address && ` from ${address}`}, signed in <Ago ts={createdAt} />
          </p>
        </div>
        {risk > 0 && <Badge className="bg-critical/10 text-critical">risk {risk}</Badge>}
        <Badge>{came[origin]}</Badge>
        {own ? (
          <Badge className="bg-accent/12 text-accent">this one</Badge>
        ) : (
          onEnd && (
            <Button size="sm" aria-label={`End the session ${deviceName(userAgent)} from ${address}`} onClick={() => onEnd(id)}>
              End
            </Button>
          )
        )}
      </li>
    ))}
  </ul>
);
