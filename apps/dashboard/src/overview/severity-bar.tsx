/** Counts by severity as one bar, the gravest first. Decoration: the numbers stand beside it. */
import type { Severity } from '@plimsoll/contracts';

const fills: Record<Severity, string> = { critical: 'bg-critical', high: 'bg-high', medium: 'bg-medium', low: 'bg-low' };
export const downwards: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

export function SeverityBar({ counts }: { counts: Record<Severity, number> }) {
  return (
    <span aria-hidden className="flex h-1.5 gap-0.5 overflow-hidden rounded-full bg-sunken">
      {downwards
        .filter((severity) => counts[severity] > 0)
        .map((severity) => (
          <span key={severity} className={fills[severity]} style={{ flexGrow: counts[severity] }} />
        ))}
    </span>
  );
}
