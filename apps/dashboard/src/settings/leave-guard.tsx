/** Nobody loses what they typed by a click: leaving with unsaved changes asks first, closing the tab as well. */
import { useBlocker } from '@tanstack/react-router';
import { session } from '../session.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog } from '../ui/dialog.js';

export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({
    // A session that has ended must lead to sign-in: the server would not take the changes anyway.
    shouldBlockFn: ({ current, next }) =>
      dirty && current.pathname !== next.pathname && session.snapshot().status === 'signed-in',
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const stay = () => blocker.reset?.();
  return (
    <Dialog
      open={blocker.status === 'blocked'}
      onOpenChange={(open) => !open && stay()}
      title="Leave without saving?"
      description="Your changes of the settings are not saved. Leaving throws them away."
    >
      <div className="flex justify-end gap-2 px-5 pt-5 pb-5">
        <CancelButton />
        <Button look="danger" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
      </div>
    </Dialog>
  );
}
