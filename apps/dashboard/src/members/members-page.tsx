/** The people of the installation, for owners: who they are, invitations, and what waits for a second person. */
import type { Member } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useSession } from '../live-wiring.js';
import { membersQuery } from '../queries.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Page, Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago, Countdown } from '../ui/time.js';
import { ApprovalsPanel } from './approvals-panel.js';
import { EditMember } from './edit-member.js';
import { Invite } from './invite.js';
import { sightWords } from './sight-words.js';

export function MembersPage() {
  const query = useQuery(membersQuery);
  const state = useSession();
  const [inviting, setInviting] = useState(false);
  const [edited, setEdited] = useState<string>();
  const columns = useMemo(() => columnsWith(setEdited), []);
  const member = query.data?.items.find(({ id }) => id === edited);
  const own = state.status === 'signed-in' ? state.person.id : '';
  return (
    <Page
      title="Members"
      lead="Who may sign in to this console."
      actions={
        <Button look="primary" onClick={() => setInviting(true)}>
          <Plus aria-hidden className="size-4" /> Invite
        </Button>
      }
    >
      <Panel className="mb-4 overflow-hidden">
        {query.data ? (
          <DataTable label="Members" columns={columns} rows={query.data.items} rowId={({ id }) => id} />
        ) : query.isError ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={3} />
        )}
      </Panel>
      {query.data && <ApprovalsPanel twoPersons={query.data.twoPersons} />}
      <Dialog open={inviting} onOpenChange={setInviting} title="Invite somebody" description="The link is shown once, here.">
        <Invite />
      </Dialog>
      <Dialog
        open={member !== undefined}
        onOpenChange={(open) => !open && setEdited(undefined)}
        title={member?.name ?? 'Member'}
        description={member?.id === own ? 'This is you.' : undefined}
      >
        {member && <EditMember key={member.id} member={member} />}
      </Dialog>
    </Page>
  );
}

const stateLook: Record<Member['state'], string | undefined> = {
  active: 'bg-good/12 text-good',
  invited: 'bg-accent/12 text-accent',
  disabled: undefined,
};
const helper = columnsFor<Member>();
const columnsWith = (edit: (id: string) => void) =>
  helper.columns([
    helper.accessor('name', {
      header: 'Name',
      cell: ({ getValue }) => <span className="break-words font-medium">{getValue()}</span>,
    }),
    helper.accessor('role', {
      header: 'Role',
      cell: ({ getValue, row: { original } }) => (
        <>
          {getValue()}
          <span className="block break-words text-faint text-xs">{sightWords(original.attributes)}</span>
        </>
      ),
    }),
    helper.accessor('state', {
      header: 'State',
      cell: ({ getValue, row: { original } }) => (
        <span className="flex flex-wrap items-center gap-x-2">
          <Badge className={stateLook[getValue()]}>{getValue()}</Badge>
          {original.linkUntil !== null && (
            <span className="text-faint text-xs">
              link for <Countdown until={original.linkUntil} />
            </span>
          )}
        </span>
      ),
    }),
    helper.accessor('passkeys', { header: 'Passkeys', meta: { end: true, wide: true } }),
    helper.accessor('lastUsedAt', {
      header: 'Last here',
      meta: { wide: true },
      cell: ({ getValue }) => {
        const ts = getValue();
        return ts === null ? <span className="text-faint">never</span> : <Ago ts={ts} />;
      },
    }),
    helper.display({
      id: 'act',
      header: () => <span className="sr-only">Act</span>,
      meta: { end: true },
      cell: ({ row: { original } }) => (
        <Button size="sm" aria-label={`Edit ${original.name}`} onClick={() => edit(original.id)}>
          Edit
        </Button>
      ),
    }),
  ]);
