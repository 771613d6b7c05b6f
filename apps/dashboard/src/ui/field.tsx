/** Form controls with their labels. Native elements: they work on every phone and with every screen reader. */
import { ChevronDown } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cn } from './cn.js';

const control =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink text-lg sm:text-sm shadow-card placeholder:text-faint hover:border-faint disabled:opacity-60 aria-invalid:border-critical';

/** What ties a control to its label, its hint and its fault. */
export interface ControlIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: ReactNode;
  /** At the right of the label. */
  aside?: ReactNode;
  /** A sentence below the control. */
  hint?: ReactNode;
  /** What is wrong with the value. */
  fault?: string | undefined;
  className?: string | undefined;
  children: (ids: ControlIds) => ReactNode;
}

export function Field({ label, aside, hint, fault, className, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const faultId = `${id}-fault`;
  const described = [fault && faultId, hint && hintId].filter(Boolean).join(' ') || undefined;
  return (
    <div className={className}>
      <div className="mb-1 flex items-end justify-between gap-3">
        <label htmlFor={id} className="font-medium text-muted text-xs">
          {label}
        </label>
        {aside}
      </div>
      {children({ id, 'aria-describedby': described, 'aria-invalid': fault ? true : undefined })}
      {fault && (
        <p id={faultId} className="mt-1 break-words font-medium text-critical text-xs">
          {fault}
        </p>
      )}
      {hint && (
        <p id={hintId} className="mt-1 text-faint text-xs">
          {hint}
        </p>
      )}
    </div>
  );
}

export const Input = ({ className, ...rest }: ComponentProps<'input'>) => (
  <input {...rest} className={cn(control, 'h-8', className)} />
);

export const Textarea = ({ className, ...rest }: ComponentProps<'textarea'>) => (
  <textarea rows={2} {...rest} className={cn(control, 'resize-y py-1.5', className)} />
);

export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative inline-block w-full', className)}>
      <select {...rest} className={cn(control, 'h-8 appearance-none truncate pr-7')}>
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2 right-2 size-4 text-faint" />
    </span>
  );
}
