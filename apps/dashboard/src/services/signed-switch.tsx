/** Whether the batches sent with a key must be signed; owners may change it while the key is in use. */
import type { Key } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';
import { Badge } from '../ui/badge.js';

export function SignedSwitch({ subject, editable }: { subject: Key; editable: boolean }) {
  const client = useQueryClient();
  const update = useMutation({
    mutationFn: (requireSignedBatches: boolean) =>
      callOperation('updateKey', { params: { id: subject.id }, body: { requireSignedBatches } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys', subject.service] }),
    onError: (error) => toast.error('The key could not be changed', { description: error.message }),
  });
  if (!subject.scopes.includes('ingest:write')) return null;
  if (!editable) return subject.requireSignedBatches ? <Badge className="mt-1">signed batches alone</Badge> : null;
  return (
    <label className="mt-1 flex w-fit cursor-pointer items-center gap-1.5 text-muted text-xs">
      <input
        type="checkbox"
        className="size-3.5 accent-accent"
        checked={subject.requireSignedBatches}
        disabled={update.isPending}
        onChange={(event) => update.mutate(event.target.checked)}
      />
      Signed batches alone
    </label>
  );
}
