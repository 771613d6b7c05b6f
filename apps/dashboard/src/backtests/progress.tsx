/** The state of a backtest in a word, how far it is, and what it changes. */
import type { Backtest, BacktestState } from '@plimsoll/contracts';
import { count, duration, share } from '../format.js';
import { Badge } from '../ui/badge.js';
import { useNow } from '../ui/time.js';

const words: Record<BacktestState, { name: string; look: string }> = {
  queued: { name: 'waits', look: '' },
  running: { name: 'runs', look: 'bg-accent/12 text-accent' },
  done: { name: 'done', look: 'bg-good/12 text-good' },
  failed: { name: 'failed', look: 'bg-critical/10 text-critical' },
  cancelled: { name: 'cancelled', look: '' },
};

export const StateWord = ({ state }: { state: BacktestState }) => (
  <Badge className={words[state].look}>{words[state].name}</Badge>
);

export function Progress({ backtest: { progress } }: { backtest: Backtest }) {
  const now = useNow();
  const left = progress.endsAt === null ? '' : `, ${duration((progress.endsAt - now) / 1000)} left`;
  return (
    <span className="mt-1.5 block">
      <progress aria-label="Progress" max={1} value={progress.share} className="h-1.5 w-full accent-accent" />
      <span className="block text-faint text-xs">
        {share(progress.share, 1)}, {count(progress.requests)} requests{left}
      </span>
    </span>
  );
}

/** `sensitivity, kinds` and the days; the present settings where nothing differs. */
export function changesText({ settings, from, to }: Pick<Backtest, 'settings' | 'from' | 'to'>): string {
  const names = Object.keys(settings);
  const what = names.length === 0 ? 'the settings as they were' : `other ${names.join(', ')}`;
  return `${duration((to - from) / 1000)}, ${what}`;
}
