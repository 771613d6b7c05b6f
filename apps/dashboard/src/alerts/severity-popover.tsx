/** The severity of an alert, and behind it why: the figures, the table of its kind, the signals that make it up. */
import type { Alert, SeverityStep } from '@plimsoll/contracts';
import { Popover } from 'radix-ui';
import { percent } from '../format.js';
import { SeverityMark } from '../ui/badge.js';
import { cn } from '../ui/cn.js';
import { kindNames, severityNames } from '../words.js';
import { contributionsOf, excessText, stepText, worstText } from './severity-words.js';

export function SeverityPopover({ alert, steps }: { alert: Alert; steps: readonly SeverityStep[] }) {
  const worst = worstText(alert, steps);
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`${severityNames[alert.severity]}: why?`}
        className="rounded-sm underline decoration-dotted decoration-line-strong underline-offset-4 hover:decoration-current"
      >
        <SeverityMark severity={alert.severity} withName />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={12}
          aria-label={`Why ${severityNames[alert.severity].toLowerCase()}`}
          className="z-50 w-80 max-w-[calc(100vw-1.5rem)] animate-enter rounded-lg bg-raised p-4 text-sm shadow-pop"
        >
          <p>{excessText(alert)}</p>
          {worst && <p className="mt-1 text-muted">{worst}</p>}
          <p className="mt-3 mb-1 text-faint text-xs">{kindNames[alert.kind]} is</p>
          <ul className="space-y-0.5">
            {[...steps].reverse().map((step) => (
              <li
                key={step.severity}
                aria-current={step.severity === alert.severity ? 'true' : undefined}
                className={cn(
                  'flex items-center justify-between gap-3 rounded-sm px-1.5 py-0.5',
                  step.severity === alert.severity && 'bg-accent/10 font-medium',
                )}
              >
                <SeverityMark severity={step.severity} withName />
                <span className="text-muted text-xs">{stepText(step)}</span>
              </li>
            ))}
          </ul>
          <Contributions alert={alert} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What share of the surprise each signal has. */
function Contributions({ alert: { signals } }: { alert: Alert }) {
  const shares = contributionsOf(signals).filter(({ share }) => share > 0);
  if (shares.length === 0) return null;
  return (
    <>
      <p className="mt-3 mb-1 text-faint text-xs">Signals, with their shares of it</p>
      <ul className="space-y-0.5">
        {shares.map(({ name, share }) => (
          <li key={name} className="flex justify-between gap-3 px-1.5">
            <span className="min-w-0 truncate">{name}</span>
            <span className="text-muted">{percent(share)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
