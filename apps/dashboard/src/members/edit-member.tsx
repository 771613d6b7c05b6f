/** What an owner does about one person: role, what is seen, disabling, a link for who has lost all passkeys, the end of all sessions. */
import type { BodyOf, Member } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { SessionList } from '../account/sessions-panel.js';
import { callOperation } from '../api.js';
import { memberSessionsQuery } from '../queries.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { CancelButton, DialogForm } from '../ui/dialog.js';
import { LinkBox } from './link-box.js';
import { RoleField } from './role-field.js';
import { attributesIn, SightFields, typedSight } from './sight-fields.js';

export function EditMember({ member }: { member: Member }) {
  const [role, setRole] = useState(member.role);
  const [sight, setSight] = useState(() => typedSight(member.attributes));
  const sessions = useQuery(memberSessionsQuery(member.id));
  const { update, end, reset } = useActs(member);
  if (reset.data) return <LinkBox made={reset.data} />;
  const busy = update.isPending || end.isPending || reset.isPending;
  const disabled = member.state === 'disabled';
  const attributes = attributesIn(sight);
  const otherSight = JSON.stringify(attributes) !== JSON.stringify(attributesIn(typedSight(member.attributes)));
  const changed = { ...(role === member.role ? {} : { role }), ...(otherSight ? { attributes } : {}) };
  return (
    <DialogForm
      onSubmit={() => update.mutate(changed)}
      error={update.error ?? end.error ?? reset.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={update.isPending} disabled={busy || Object.keys(changed).length === 0}>
            Save
          </Button>
        </>
      }
    >
      <RoleField role={role} onChange={setRole} also="With another role all sessions end." />
      <SightFields value={sight} onChange={setSight} />
      {sessions.data && sessions.data.items.length > 0 && (
        <div className="rounded-md border">
          <SessionList sessions={sessions.data.items} />
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" disabled={busy || !sessions.data?.items.length} onClick={() => end.mutate()}>
          End all sessions
        </Button>
        <Button size="sm" disabled={busy || disabled} onClick={() => reset.mutate()}>
          Link for a lost passkey
        </Button>
        <Button
          size="sm"
          look={disabled ? 'plain' : 'warning'}
          disabled={busy}
          onClick={() => update.mutate({ disabled: !disabled })}
        >
          {disabled ? 'Enable' : 'Disable'}
        </Button>
      </div>
    </DialogForm>
  );
}

/** What can be done at once, each with what it says when it is done. */
function useActs(member: Member) {
  const client = useQueryClient();
  const params = { id: member.id };
  const settled = () => client.invalidateQueries({ queryKey: ['members'] });
  const update = useMutation({
    mutationFn: (body: BodyOf<'updateMember'>) => callOperation('updateMember', { params, body }),
    onSuccess: ({ name }) => toast.success('Saved', { description: name }),
    onSettled: settled,
  });
  const end = useMutation({
    mutationFn: () => callOperation('endMemberSessions', { params }),
    onSuccess: () => toast.success('Sessions ended', { description: member.name }),
    onSettled: settled,
  });
  const reset = useMutation({
    mutationFn: () => callOperation('resetMember', { params, body: {} }),
    onSettled: settled,
  });
  return { update, end, reset };
}
