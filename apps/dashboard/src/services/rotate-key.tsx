/** When a key ends, and the dialog that lets another take over from it. */
import type { Key } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { serverNow } from '../clock.js';
import { moment } from '../format.js';
import { useZone } from '../reader.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { CancelButton, DialogForm } from '../ui/dialog.js';
import { Field, Input } from '../ui/field.js';
import { EndField, Secret } from './create-key.js';

/** From then on an end is worth a warning. */
const SOON_MS = 14 * 86_400_000;

export function KeyEnd({ subject: { expiresAt, revokedAt } }: { subject: Key }) {
  useZone();
  if (expiresAt === null || revokedAt !== null) return null;
  const left = expiresAt - serverNow();
  if (left <= 0) return <Badge className="mt-1">ended {moment(expiresAt)}</Badge>;
  const text = `ends ${moment(expiresAt)}`;
  return left < SOON_MS ? (
    <span className="mt-1 block font-medium text-medium text-xs">{text}</span>
  ) : (
    <span className="mt-1 block text-faint text-xs">{text}</span>
  );
}

export function RotateKey({ subject }: { subject: Key }) {
  const client = useQueryClient();
  const [hours, setHours] = useState('24');
  const [days, setDays] = useState('');
  const rotate = useMutation({
    mutationFn: () =>
      callOperation('rotateKey', {
        params: { id: subject.id },
        body: { overlapHours: Number(hours), ...(days && { expiresInDays: Number(days) }) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys', subject.service] }),
  });
  if (rotate.data) return <Secret secret={rotate.data.secret} />;
  return (
    <DialogForm
      onSubmit={() => hours !== '' && rotate.mutate()}
      error={rotate.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={rotate.isPending} disabled={hours === ''}>
            Make the new key
          </Button>
        </>
      }
    >
      <Field label="Overlap in hours" hint="For so long both keys open the door. 0 ends the old one at once.">
        {(ids) => (
          <Input {...ids} type="number" min={0} max={2160} value={hours} onChange={(event) => setHours(event.target.value)} />
        )}
      </Field>
      <EndField days={days} onDays={setDays} />
    </DialogForm>
  );
}
