/** One erasure: how far it has come, what was removed where, and what is left and why. */
import type { Erasure } from '@plimsoll/contracts';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { exact } from '../format.js';
import { FactsSection } from '../ui/facts.js';
import { progressText } from './privacy-words.js';

export function ErasureReport({ erasure }: { erasure: Erasure }) {
  const { doneAt, erased, kept } = erasure;
  const Icon = doneAt === null ? LoaderCircle : CircleCheck;
  return (
    <div className="space-y-3">
      <p role="status" className="flex items-center gap-2 font-medium text-sm">
        <Icon aria-hidden className={doneAt === null ? 'size-4 animate-spin text-faint' : 'size-4 text-good'} />
        {progressText(erasure)}
      </p>
      <FactsSection label="Removed" facts={erased.map(({ place, count }) => [place, exact(count)])} />
      <FactsSection label="Left" facts={kept.map(({ place, why }) => [place, why])} />
    </div>
  );
}
