/** Small marks of state. Colour is never alone: severity has a shape, everything has its word. */
import type { AlertState, Decision, Severity } from '@plimsoll/contracts';
import type { ReactNode } from 'react';
import { actionText, severityNames, stateNames } from '../words.js';
import { cn } from './cn.js';

export function Badge({ className, children }: { className?: string | undefined; children: ReactNode }) {
  return (
    <span
      className={cn(
        'inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-sm bg-sunken px-1.5 font-medium text-2xs text-muted',
        className,
      )}
    >
      {children}
    </span>
  );
}

const severityText: Record<Severity, string> = {
  critical: 'text-critical',
  high: 'text-high',
  medium: 'text-medium',
  low: 'text-low',
};
const severityLevel: Record<Severity, number> = { low: 1, medium: 2, high: 3, critical: 4 };

/** Four bars, as many filled as the severity is high. */
export function SeverityMark({ severity, withName = false }: { severity: Severity; withName?: boolean }) {
  const level = severityLevel[severity];
  return (
    <span className={cn('inline-flex items-center gap-1.5 font-medium text-xs', severityText[severity])}>
      <svg viewBox="0 0 16 14" className="h-3.5 w-4 shrink-0" aria-hidden="true" focusable="false">
        {[1, 2, 3, 4].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 4.2}
            y={14 - (2.5 + bar * 2.75)}
            width="3"
            height={2.5 + bar * 2.75}
            rx="1"
            className={bar <= level ? 'fill-current' : 'fill-line-strong'}
          />
        ))}
      </svg>
      <span className={withName ? undefined : 'sr-only'}>{severityNames[severity]}</span>
    </span>
  );
}

const stateLook: Record<AlertState, string> = {
  open: 'bg-critical/10 text-critical',
  acknowledged: 'bg-accent/12 text-accent',
  snoozed: 'bg-sunken text-muted',
  resolved: 'bg-good/12 text-good',
};

export const StateBadge = ({ state }: { state: AlertState }) => <Badge className={stateLook[state]}>{stateNames[state]}</Badge>;

const actionLook: Record<Decision['action'], string> = {
  monitor: '',
  throttle: 'bg-medium/14 text-medium',
  challenge: 'bg-accent/12 text-accent',
  block: 'bg-critical/10 text-critical',
};

/** Solid where it is enforced, outlined where it is not. */
export const ActionBadge = ({ decision }: { decision: Pick<Decision, 'action' | 'mode'> }) => (
  <Badge
    className={decision.mode === 'enforced' ? actionLook[decision.action] : 'border border-line-strong border-dashed bg-surface'}
  >
    {actionText(decision)}
  </Badge>
);
