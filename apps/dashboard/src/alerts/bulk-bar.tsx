/** What can be done with all that is marked; stands below the list while something is. */
import type { Alert } from '@plimsoll/contracts';
import { X } from 'lucide-react';
import { exact } from '../format.js';
import { Button, SplitButton } from '../ui/button.js';
import type { PageAct } from './optimistic.js';
import type { Asking } from './triage-dialogs.js';

interface BulkBarProps {
  chosen: readonly Alert[];
  act: (act: PageAct) => void;
  ask: (type: Asking['type']) => void;
  may: (type: PageAct['type']) => boolean;
  onClear: () => void;
}

export function BulkBar({ chosen, act, ask, may, onClear }: BulkBarProps) {
  if (chosen.length === 0) return null;
  const asleep = chosen.some(({ state }) => state === 'snoozed' || state === 'acknowledged');
  return (
    <section
      aria-label="Marked alerts"
      className="fixed inset-x-3 bottom-16 z-20 flex w-fit max-w-full animate-enter flex-wrap items-center gap-1.5 rounded-lg bg-raised px-3 py-2 shadow-pop md:right-auto md:bottom-5 md:left-60"
    >
      <span role="status" className="mr-1 font-medium text-sm">
        {exact(chosen.length)} marked
      </span>
      {may('acknowledge') && (
        <SplitButton
          size="sm"
          look="primary"
          onClick={() => act({ type: 'acknowledge' })}
          more="Acknowledge all until…"
          onMore={() => ask('acknowledge')}
        >
          Acknowledge all
        </SplitButton>
      )}
      {may('resolve') && (
        <Button size="sm" onClick={() => ask('resolve')}>
          Resolve…
        </Button>
      )}
      {may('assign') && (
        <>
          <Button size="sm" onClick={() => ask('assign')}>
            Assign…
          </Button>
          <Button size="sm" onClick={() => ask('snooze')}>
            Snooze…
          </Button>
        </>
      )}
      {asleep && may('reopen') && (
        <Button size="sm" onClick={() => act({ type: 'reopen' })}>
          Open again
        </Button>
      )}
      <Button size="sm" look="ghost" aria-label="Unmark all" onClick={onClear}>
        <X aria-hidden className="size-3.5" />
      </Button>
    </section>
  );
}
