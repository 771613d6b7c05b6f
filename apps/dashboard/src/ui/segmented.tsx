/** A few choices side by side, one of them taken: ranges of time, states, policies. Arrow keys move. */
import { ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';
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
  const choose = (next: string) => {
    const choice = choices.find((candidate) => candidate.value === next);
    if (choice) onChange(choice.value);
  };
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={choose}
      disabled={disabled ?? false}
      className={cn('inline-flex rounded-md bg-sunken p-0.5 ring-1 ring-line ring-inset', className)}
    >
      {choices.map((choice) => (
        <ToggleGroup.Item
          key={choice.value}
          value={choice.value}
          className="h-7 whitespace-nowrap rounded-[5px] px-2.5 font-medium text-muted text-xs transition-colors hover:text-ink data-[state=on]:bg-raised data-[state=on]:text-ink data-[state=on]:shadow-card data-[state=on]:ring-1 data-[state=on]:ring-line disabled:opacity-60"
        >
          {choice.name}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
