/** Names of the lines of a chart, beside its heading. */
import { cn } from '../ui/cn.js';

export interface LegendEntry {
  name: string;
  colour: string;
  dashed?: boolean;
  /** A filled area rather than a line. */
  area?: boolean;
}

export function Legend({ entries, className }: { entries: readonly LegendEntry[]; className?: string }) {
  return (
    <ul className={cn('flex flex-wrap gap-x-3 gap-y-1 text-muted text-xs', className)}>
      {entries.map(({ name, colour, dashed, area }) => (
        <li key={name} className="inline-flex items-center gap-1.5">
          <span
            aria-hidden
            className={area ? 'size-2 rounded-[2px] border-t-8' : 'w-3.5 border-t-2'}
            style={{ borderColor: colour, borderTopStyle: dashed ? 'dashed' : 'solid' }}
          />
          {name}
        </li>
      ))}
    </ul>
  );
}
