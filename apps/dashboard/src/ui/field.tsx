/** Form controls with their labels. Native elements: they work on every phone and with every screen reader. */
import { ChevronDown } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cn } from './cn.js';

const control =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink text-lg sm:text-sm shadow-card placeholder:text-faint hover:border-faint disabled:opacity-60';

interface FieldProps {
  label: string;
  /** A sentence below the control. */
  hint?: ReactNode;
  className?: string;
  children: (ids: { id: string; 'aria-describedby': string | undefined }) => ReactNode;
}

export function Field({ label, hint, className, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium text-muted text-xs">
        {label}
      </label>
      {children({ id, 'aria-describedby': hint ? hintId : undefined })}
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
