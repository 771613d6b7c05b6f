/** A menu of choices that can be taken together, for filters. */
import { Check, ChevronDown } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { buttonClass } from './button.js';
import { cn } from './cn.js';

export const menuContentClass = 'z-50 min-w-44 animate-enter rounded-lg bg-raised p-1 shadow-pop';
export const menuItemClass =
  'flex h-8 cursor-default select-none items-center gap-2 rounded-md px-2 text-sm outline-none data-[highlighted]:bg-hover';

interface ChoiceMenuProps<T extends string> {
  label: string;
  chosen: readonly T[];
  choices: readonly { value: T; name: ReactNode }[];
  onChange: (chosen: T[]) => void;
}

/** The button tells how many are chosen; none means all. */
export function ChoiceMenu<T extends string>({ label, chosen, choices, onChange }: ChoiceMenuProps<T>) {
  const toggle = (value: T, on: boolean) => onChange(on ? [...chosen, value] : chosen.filter((other) => other !== value));
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className={cn(buttonClass(), chosen.length > 0 && 'border-accent/50 bg-accent/8 text-accent')}>
        {label}
        {chosen.length > 0 && <span className="rounded-sm bg-accent/14 px-1 text-xs">{chosen.length}</span>}
        <ChevronDown aria-hidden className="size-3.5 opacity-70" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className={cn(menuContentClass, 'max-h-80 overflow-y-auto')}>
          {choices.map(({ value, name }) => (
            <DropdownMenu.CheckboxItem
              key={value}
              checked={chosen.includes(value)}
              onCheckedChange={(on) => toggle(value, on)}
              onSelect={(event) => event.preventDefault()}
              className={menuItemClass}
            >
              <span className="flex size-4 items-center justify-center rounded-sm border border-line-strong">
                <DropdownMenu.ItemIndicator>
                  <Check aria-hidden className="size-3 text-accent" strokeWidth={3} />
                </DropdownMenu.ItemIndicator>
              </span>
              {name}
            </DropdownMenu.CheckboxItem>
          ))}
          {chosen.length > 0 && (
            <>
              <DropdownMenu.Separator className="my-1 h-px bg-line" />
              <DropdownMenu.Item className={cn(menuItemClass, 'text-muted')} onSelect={() => onChange([])}>
                Clear
              </DropdownMenu.Item>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
