/** A few choices side by side, one of them taken: ranges of time, states, policies. Native radio buttons: arrow keys move. */
import { type ReactNode, useId } from 'react';
import { cn } from './cn.js';

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  choices: readonly { value: T; name: ReactNode }[];
  onChange: (value: T) => void;
  disabled?: boolean | undefined;
  className?: string;
}

export function Segmented<T extends string>({ label, value, choices, onChange, disabled, className }: SegmentedProps<T>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={cn('inline-flex rounded-md bg-sunken p-0.5 ring-1 ring-line ring-inset', className)}
    >
      {choices.map((choice) => (
        <label
          key={choice.value}
          className="relative flex h-7 items-center whitespace-nowrap rounded-[5px] px-2.5 font-medium text-muted text-xs transition-colors hover:text-ink has-disabled:opacity-60 has-checked:bg-raised has-checked:text-ink has-checked:shadow-card has-checked:ring-1 has-checked:ring-line has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            disabled={disabled ?? false}
            onChange={() => onChange(choice.value)}
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {choice.name}
        </label>
      ))}
    </div>
  );
}
