/** The ingest keys of a service. A secret is shown once, when its key is made, and never again. */
import type { Key, Service } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { callOperation } from '../api.js';
import { moment } from '../format.js';
import { keysQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { toast } from '../toast.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago } from '../ui/time.js';
import { CreateKey } from './create-key.js';
import { KeyEnd, RotateKey } from './rotate-key.js';
import { scopeNames } from './scopes.js';
import { SignedSwitch } from './signed-switch.js';

interface KeysPanelProps {
  service: Service;
  /** Only owners change keys. */
  editable: boolean;
}

export function KeysPanel({ service, editable }: KeysPanelProps) {
  const query = useQuery(keysQuery(service.id));
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  const [rotating, setRotating] = useState<Key>();
  const columns = useMemo(() => columnsWith(editable ? { revoke: setRevoking, rotate: setRotating } : undefined), [editable]);
  return (
    <Panel
      title="Keys"
      actions={
        editable && (
          <Button size="sm" onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-3.5" /> New key
          </Button>
        )
      }
    >
      {query.isPending ? (
        <SkeletonRows rows={2} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <Empty icon={KeyRound} title="No key yet">
          Without a key nothing can be ingested for {service.id}.{editable && ' Make the first one with New key.'}
        </Empty>
      ) : (
        <DataTable label="Keys" columns={columns} rows={query.data.items} rowId={({ id }) => id} />
      )}
      <Dialog open={creating} onOpenChange={setCreating} title="New key" description={`For ${service.id}`}>
        <CreateKey service={service.id} />
      </Dialog>
      <Dialog
        open={rotating !== undefined}
        onOpenChange={(open) => !open && setRotating(undefined)}
        title="Rotate key"
        description={rotating && `A new key takes over from “${rotating.name}”, which ends after the overlap.`}
      >
        {rotating && <RotateKey subject={rotating} />}
      </Dialog>
      <Dialog
        open={revoking !== undefined}
        onOpenChange={(open) => !open && setRevoking(undefined)}
        title="Revoke key"
        description={revoking && `Whatever still uses “${revoking.name}” can send nothing any more.`}
      >
        {revoking && <RevokeKey subject={revoking} onDone={() => setRevoking(undefined)} />}
      </Dialog>
    </Panel>
  );
}

function RevokeKey({ subject, onDone }: { subject: Key; onDone: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => callOperation('revokeKey', { params: { id: subject.id } }),
    onSuccess: () => {
      toast.success('Key revoked', { description: subject.name });
      void client.invalidateQueries({ queryKey: ['keys', subject.service] });
      onDone();
    },
  });
  return (
    <DialogForm
      onSubmit={() => revoke.mutate()}
      error={revoke.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="danger" busy={revoke.isPending}>
            Confirm revoke
          </Button>
        </>
      }
    >
      <p className="font-mono text-muted text-xs">plim_{subject.prefix}_…</p>
    </DialogForm>
  );
}

function Prefix({ of: { createdAt, prefix } }: { of: Key }) {
  useZone();
  return (
    <span title={`Created ${moment(createdAt)}`} className="block whitespace-nowrap font-mono text-faint text-xs">
      plim_{prefix}_…
    </span>
  );
}

const helper = columnsFor<Key>();

interface Acts {
  revoke: (subject: Key) => void;
  rotate: (subject: Key) => void;
}

function columnsWith(acts: Acts | undefined) {
  return helper.columns([
    helper.accessor('name', {
      header: 'Key',
      cell: ({ row: { original } }) => (
        <span className="block min-w-0 break-words">
          <span className="font-medium">{original.name}</span>
          <Prefix of={original} />
          <span className="mt-1 flex flex-wrap gap-1">
            {original.scopes.map((scope) => (
              <Badge key={scope}>
                <span title={scope}>{scopeNames[scope]}</span>
              </Badge>
            ))}
          </span>
          {original.revokedAt === null && <SignedSwitch subject={original} editable={acts !== undefined} />}
          <KeyEnd subject={original} />
        </span>
      ),
    }),
    helper.accessor('lastUsedAt', {
      header: 'Last used',
      cell: ({ getValue }) => {
        const ts = getValue();
        return ts === null ? <span className="text-faint">never</span> : <Ago ts={ts} />;
      },
    }),
    helper.display({
      id: 'act',
      header: () => <span className="sr-only">Act</span>,
      meta: { end: true },
      cell: ({ row: { original } }) =>
        original.revokedAt !== null ? (
          <Badge>revoked</Badge>
        ) : (
          acts && (
            <span className="inline-flex flex-col gap-1">
              <Button size="sm" onClick={() => acts.rotate(original)}>
                Rotate
              </Button>
              <Button size="sm" onClick={() => acts.revoke(original)}>
                Revoke
              </Button>
            </span>
          )
        ),
    }),
  ]);
}
