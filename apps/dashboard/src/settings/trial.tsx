/** Tries what is changed and not yet saved on the requests of the last week. It is read in another tab: the changes stay in this one. */
import type { SettingsPatch } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { useMayIn } from '../allowed.js';
import { useAskBacktest } from '../backtests/ask.js';
import { toast } from '../toast.js';
import { Button, buttonClass } from '../ui/button.js';

const DAYS = 7;

interface TrialProps {
  service: string;
  changes: SettingsPatch;
  /** Whether they are as they must be; shows where not. */
  check: () => boolean;
}

export function Trial({ service, changes, check }: TrialProps) {
  const may = useMayIn(service, 'backtest.run');
  const asking = useAskBacktest();
  if (!may) return null;
  if (asking.data && asking.variables.settings === changes)
    return (
      <Link to="/backtests" search={{ id: asking.data.id, service }} target="_blank" rel="noopener" className={buttonClass()}>
        See the backtest
      </Link>
    );
  const begin = () =>
    check() &&
    asking.mutate(
      { service, days: DAYS, settings: changes },
      { onError: ({ message }) => toast.error('No backtest', { description: message }) },
    );
  return (
    <Button busy={asking.isPending} onClick={begin}>
      Backtest these changes
    </Button>
  );
}
