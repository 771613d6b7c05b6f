/** Global actions that one owner asked for and another has to approve, and the switch that demands it. */
import type { Approval, OperationName } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import type { CallInput } from '../http.js';
import { approvalsQuery } from '../queries.js';
import { toast } from '../toast.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { NotRead } from '../ui/states.js';
import { Ago } from '../ui/time.js';

/** Does something about approvals and says how it went. */
function useAct<T>(act: (input: T) => Promise<unknown>, said: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => toast.success(said),
    onError: (error) => toast.error('That did not work', { description: error.message }),
    onSettled: () => client.invalidateQueries(),
  });
}

export function ApprovalsPanel({ twoPersons }: { twoPersons: boolean }) {
  const { data, error } = useQuery(approvalsQuery);
  const require = useAct((on: boolean) => callOperation('requireTwoPersons', { body: { on } }), 'Saved');
  return (
    <Panel
      title="A second person"
      actions={
        <Button size="sm" busy={require.isPending} onClick={() => require.mutate(!twoPersons)}>
          {twoPersons ? 'Do not require' : 'Require'}
        </Button>
      }
    >
      <p className="px-4 py-3 text-muted text-sm">
        {twoPersons
          ? 'Switching detection or enforcement off needs the word of another owner.'
          : 'One owner alone may switch detection or enforcement off. You can require the word of another.'}
      </p>
      {error && !data && (
        <p className="px-4 pb-3">
          <NotRead error={error} />
        </p>
      )}
      {data && data.items.length > 0 && (
        <ul aria-label="Actions that wait" className="divide-y border-t">
          {data.items.map((approval) => (
            <ApprovalRow key={approval.id} approval={approval} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function ApprovalRow({ approval }: { approval: Approval }) {
  const { id, operation, params, body, askedBy, askedAt, own, state, answeredBy } = approval;
  const approve = useAct(() => callOperation('approve', { params: { id } }), 'Approved');
  const reject = useAct(() => callOperation('reject', { params: { id } }), own ? 'Taken back' : 'Refused');
  // The very call that was approved: the server takes no other.
  const repeat = useAct(
    () => callOperation(operation as OperationName, { params, body } as CallInput<OperationName>),
    'Carried out',
  );
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2.5 text-sm">
      <div className="min-w-0 flex-1 basis-60">
        <p className="break-words font-medium">
          {operation} {params['id']}
        </p>
        <p className="break-words font-mono text-faint text-xs">{JSON.stringify(body)}</p>
        <p className="text-faint text-xs">
          {askedBy}, <Ago ts={askedAt} />
          {answeredBy && `; ${state} by ${answeredBy}`}
        </p>
      </div>
      <Badge>{state}</Badge>
      {state === 'waiting' && !own && (
        <Button size="sm" look="warning" busy={approve.isPending} onClick={() => approve.mutate(undefined)}>
          Approve
        </Button>
      )}
      {state === 'approved' && own && (
        <Button size="sm" look="primary" busy={repeat.isPending} onClick={() => repeat.mutate(undefined)}>
          Carry out
        </Button>
      )}
      {(state === 'waiting' || (state === 'approved' && own)) && (
        <Button size="sm" busy={reject.isPending} onClick={() => reject.mutate(undefined)}>
          {own ? 'Take back' : 'Refuse'}
        </Button>
      )}
    </li>
  );
}
