/** The own passkeys: add, rename, remove. The last one stays. */
import type { Account, Passkey } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { passkeySupport, supportSentence } from '../passkey.js';
import { toast } from '../toast.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { Empty } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { useEnrol } from './enrol.js';

type Act = { type: 'rename' | 'remove'; passkey: Passkey };

export function PasskeysPanel({ account }: { account: Account }) {
  const [act, setAct] = useState<Act>();
  const enrol = useEnrol();
  const support = passkeySupport();
  const done = () => setAct(undefined);
  return (
    <Panel
      title="Passkeys"
      actions={
        support === 'yes' && (
          <Button size="sm" busy={enrol.isPending} onClick={() => enrol.mutate()}>
            <Plus aria-hidden className="size-3.5" /> Add
          </Button>
        )
      }
    >
      {support !== 'yes' && <p className="px-4 py-3 text-high text-sm">{supportSentence[support]}</p>}
      {account.passkeys.length === 0 ? (
        <Empty icon={KeyRound} title="No passkey yet">
          A passkey signs you in with your finger, your face or a PIN. It cannot be guessed, phished or written down.
        </Empty>
      ) : (
        <ul aria-label="Passkeys" className="divide-y">
          {account.passkeys.map((passkey) => (
            <li key={passkey.id} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2.5 text-sm">
              <div className="min-w-0 flex-1 basis-48">
                <p className="break-words font-medium">{passkey.name}</p>
                <p className="text-faint text-xs">
                  Made <Ago ts={passkey.createdAt} />
                  {passkey.lastUsedAt !== null && (
                    <>
                      , used <Ago ts={passkey.lastUsedAt} />
                    </>
                  )}
                </p>
              </div>
              <Badge>{passkey.synced ? 'synced' : 'this device only'}</Badge>
              <Button size="sm" aria-label={`Rename ${passkey.name}`} onClick={() => setAct({ type: 'rename', passkey })}>
                Rename
              </Button>
              {account.passkeys.length > 1 && (
                <Button size="sm" aria-label={`Remove ${passkey.name}`} onClick={() => setAct({ type: 'remove', passkey })}>
                  Remove
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Dialog
        open={act !== undefined}
        onOpenChange={(open) => !open && done()}
        title={act?.type === 'rename' ? 'Rename passkey' : 'Remove passkey'}
        description={act?.type === 'remove' && `“${act.passkey.name}” will not sign you in any more.`}
      >
        {act?.type === 'rename' && <Rename passkey={act.passkey} onDone={done} />}
        {act?.type === 'remove' && <Remove passkey={act.passkey} onDone={done} />}
      </Dialog>
    </Panel>
  );
}

interface ActProps {
  passkey: Passkey;
  onDone: () => void;
}

function useAct<T>(act: () => Promise<T>, said: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => {
      toast.success(said);
      onDone();
      return client.invalidateQueries({ queryKey: ['account'] });
    },
  });
}

function Rename({ passkey, onDone }: ActProps) {
  const [name, setName] = useState(passkey.name);
  const body = { name: name.trim() };
  const rename = useAct(() => callOperation('renamePasskey', { params: { id: passkey.id }, body }), 'Passkey renamed', onDone);
  return (
    <DialogForm
      onSubmit={() => body.name && rename.mutate()}
      error={rename.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={rename.isPending} disabled={!body.name}>
            Save
          </Button>
        </>
      }
    >
      <Field label="Name">
        {(ids) => <Input {...ids} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
    </DialogForm>
  );
}

function Remove({ passkey, onDone }: ActProps) {
  const remove = useAct(() => callOperation('removePasskey', { params: { id: passkey.id } }), 'Passkey removed', onDone);
  return (
    <DialogForm
      onSubmit={() => remove.mutate()}
      error={remove.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="danger" busy={remove.isPending}>
            Confirm remove
          </Button>
        </>
      }
    >
      <p className="text-muted text-sm">You will be asked to prove with a passkey that it is you.</p>
    </DialogForm>
  );
}
