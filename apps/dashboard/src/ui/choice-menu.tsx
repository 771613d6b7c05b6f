/** The choices of a menu for filters, once it was opened. */
import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from './cn.js';
import { menuContentClass, menuItemClass } from './menu-look.js';
import type { Face } from './on-demand.js';

export interface ChoiceMenuProps<T extends string> {
  label: string;
  chosen: readonly T[];
  choices: readonly { value: T; name: ReactNode }[];
  onChange: (chosen: T[]) => void;
}

export function OpenedChoiceMenu({ chosen, choices, onChange, face, faceClass }: ChoiceMenuProps<string> & Face) {
  const toggle = (value: string, on: boolean) => onChange(on ? [...chosen, value] : chosen.filter((other) => other !== value));
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger className={faceClass}>{face}</DropdownMenu.Trigger>
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
