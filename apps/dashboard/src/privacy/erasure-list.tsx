/** The last erasures, newest first; each opens to its report. */
import type { Erasure } from '@plimsoll/contracts';
import { ChevronRight } from 'lucide-react';
import { Badge } from '../ui/badge.js';
import { Ago } from '../ui/time.js';
import { ErasureReport } from './erasure-report.js';

export const ErasureList = ({ erasures }: { erasures: readonly Erasure[] }) => (
  <ul aria-label="Erasures" className="divide-y">
    {erasures.map((erasure) => (
      <li key={erasure.id}>
        <details className="group">
          <summary className="flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm hover:bg-hover">
            <ChevronRight aria-hidden className="size-4 shrink-0 text-faint transition-transform group-open:rotate-90" />
            <span className="min-w-0 break-all font-mono text-xs">{erasure.pseudonym}</span>
            <span className="min-w-0 flex-1 basis-40 break-words text-muted">{erasure.reason}</span>
            <span className="text-faint text-xs">
              {erasure.askedBy}, <Ago ts={erasure.askedAt} />
            </span>
            <Badge className={erasure.doneAt === null ? 'bg-accent/12 text-accent' : 'bg-good/12 text-good'}>
              {erasure.doneAt === null ? 'under way' : 'done'}
            </Badge>
          </summary>
          <div className="px-4 pt-1 pb-4">
            <ErasureReport erasure={erasure} />
          </div>
        </details>
      </li>
    ))}
  </ul>
);
