/** Whether the chain of the audit is whole: up to which row, when that was looked at last, and what is wrong with it. */
import type { AuditState } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react';
import { callOperation } from '../api.js';
import { exact } from '../format.js';
import { Button } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { auditStateQuery } from './audit-queries.js';

const looks = {
  whole: { icon: ShieldCheck, className: 'text-good', says: 'The chain is whole.' },
  broken: { icon: ShieldAlert, className: 'text-critical', says: 'The audit was tampered with.' },
  unknown: { icon: ShieldQuestion, className: 'text-faint', says: 'Nothing was verified yet.' },
} as const satisfies Record<AuditState['state'], object>;

export function ChainPanel() {
  const client = useQueryClient();
  const query = useQuery(auditStateQuery);
  const verify = useMutation({
    mutationFn: () => callOperation('verifyAudit', {}),
    onSuccess: (state) => client.setQueryData(auditStateQuery.queryKey, state),
  });
  return (
    <Panel
      title="Chain"
      className="mb-4"
      actions={
        <Button size="sm" busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify now
        </Button>
      }
    >
      {query.isPending ? (
        <SkeletonRows rows={1} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} className="py-6" />
      ) : (
        <Standing state={query.data} />
      )}
      {verify.error && (
        <p role="alert" className="px-4 pb-3 font-medium text-critical text-sm">
          {verify.error.message}
        </p>
      )}
    </Panel>
  );
}

function Standing({ state }: { state: AuditState }) {
  const { icon: Icon, className, says } = looks[state.state];
  return (
    <div className="flex items-start gap-3 px-4 py-3 text-sm">
      <Icon aria-hidden className={cn('mt-0.5 size-5 shrink-0', className)} strokeWidth={1.75} />
      <div className="min-w-0 space-y-1">
        <p role="status" className="font-medium">
          {says}
        </p>
        <p className="text-muted">
          Verified up to row {exact(state.verifiedId)} of {exact(state.rows)}
          {state.verifiedAt !== null && (
            <>
              , last <Ago ts={state.verifiedAt} />
            </>
          )}
          {state.wholeAt !== null && (
            <>
              ; from the first row on <Ago ts={state.wholeAt} />
            </>
          )}
          .
          {state.checkpoint !== null && (
            <>
              {' '}
              Signed at row {exact(state.checkpoint.id)}, <Ago ts={state.checkpoint.at} />.
            </>
          )}
        </p>
        {state.faults.length > 0 && (
          <ul className="list-disc space-y-0.5 pl-5 text-critical">
            {state.faults.map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
