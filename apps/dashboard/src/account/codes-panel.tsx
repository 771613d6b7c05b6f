/** Recovery codes: how many are left, and new ones, which are shown once. */
import type { Account } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { CodeBlock } from '../ui/copy.js';
import { Dialog } from '../ui/dialog.js';
import { Panel } from '../ui/panel.js';
import { Ago } from '../ui/time.js';

export function CodesPanel({ account }: { account: Account }) {
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>();
  const make = useMutation({
    mutationFn: () => callOperation('makeRecoveryCodes', {}),
    onSuccess: (answer) => {
      setCodes(answer.codes);
      return client.invalidateQueries({ queryKey: ['account'] });
    },
    onError: (error) => toast.error('No codes were made', { description: error.message }),
  });
  const { left, madeAt } = account.recoveryCodes;
  return (
    <Panel
      title="Recovery codes"
      actions={
        <Button size="sm" busy={make.isPending} disabled={account.passkeys.length === 0} onClick={() => make.mutate()}>
          {madeAt === null ? 'Make codes' : 'Make new codes'}
        </Button>
      }
    >
      <div className="space-y-1 px-4 py-3 text-sm">
        <p>
          {madeAt === null ? (
            'You have none.'
          ) : (
            <>
              <span className="font-medium">{left} left</span>, made <Ago ts={madeAt} />.
            </>
          )}
        </p>
        <p className="text-muted">
          Each lets you in once when all passkeys are lost, to make a new one and nothing else. Keep them on paper.
        </p>
      </div>
      <Dialog
        open={codes !== undefined}
        onOpenChange={(open) => !open && setCodes(undefined)}
        title="Your recovery codes"
        description="They are shown this once. Those from before are void."
      >
        <div className="px-5 pt-4 pb-5">{codes && <CodeBlock label="recovery codes" code={codes.join('\n')} />}</div>
      </Dialog>
    </Panel>
  );
}
