/** The steps from nothing to the first protected API: on their page each with what is to be done, on the first screen in a row. */
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '../ui/cn.js';

export const steps = ['Name it', 'Put it into the API', 'See its first request', 'See an attack'] as const;

interface StepNameProps {
  /** From 1. */
  number: number;
  done?: boolean | undefined;
}

/** Its number and title, or a tick. */
export const StepName = ({ number, done = false }: StepNameProps) => (
  <>
    <span
      className={cn(
        'flex size-6 shrink-0 items-center justify-center rounded-full font-semibold text-xs',
        done ? 'bg-good/14 text-good' : 'bg-accent/12 text-accent',
      )}
    >
      {done ? <Check aria-hidden className="size-3.5" strokeWidth={3} /> : number}
    </span>
    {steps[number - 1]}
    {done && <span className="sr-only">, done</span>}
  </>
);

interface StepProps extends StepNameProps {
  /** Nothing while it is not its turn yet. */
  children?: ReactNode;
}

export function Step({ children, ...name }: StepProps) {
  return (
    <li className={cn('rounded-lg border p-4', children ? 'bg-surface shadow-card' : 'bg-transparent')}>
      <h2 className="flex items-center gap-2.5 font-semibold text-base">
        <StepName {...name} />
      </h2>
      {children && <div className="mt-3 sm:pl-8.5">{children}</div>}
    </li>
  );
}
