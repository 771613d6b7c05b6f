/** Who is signed in, the theme, help, and the way out. */
import { useNavigate } from '@tanstack/react-router';
import { CircleUserRound, Keyboard, KeyRound, LogOut, Monitor, Moon, ShieldCheck, Sun, Users } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { toast } from 'sonner';
import { useSession } from '../live-wiring.js';
import { session } from '../session.js';
import { chooseTheme, type Theme, themes, useTheme } from '../theme.js';
import { cn } from '../ui/cn.js';
import { menuContentClass, menuItemClass } from '../ui/menu.js';

const themeLook: Record<Theme, { name: string; icon: typeof Sun }> = {
  system: { name: 'System', icon: Monitor },
  light: { name: 'Light', icon: Sun },
  dark: { name: 'Dark', icon: Moon },
};

const signOut = () => {
  session.signOut().catch((error: Error) => toast.error('Signing out failed', { description: error.message }));
};

export function PersonMenu({ onHelp }: { onHelp: () => void }) {
  const state = useSession();
  const theme = useTheme();
  const navigate = useNavigate();
  if (state.status !== 'signed-in') return null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="flex h-9 items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-hover md:w-full">
        <CircleUserRound aria-hidden className="size-5 shrink-0 text-faint" strokeWidth={1.5} />
        <span className="sr-only">Account of </span>
        <span className="max-md:sr-only md:min-w-0 md:flex-1 md:truncate md:font-medium">{state.person.name} </span>
        <span className="text-faint text-xs max-md:sr-only">{state.person.role}</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className={cn(menuContentClass, 'w-52')}>
          <DropdownMenu.Label className="px-2 pt-1 pb-1.5 text-faint text-xs">Theme</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme}>
            {themes.map((each) => {
              const { name, icon: Icon } = themeLook[each];
              return (
                <DropdownMenu.RadioItem
                  key={each}
                  value={each}
                  onSelect={(event) => {
                    event.preventDefault();
                    chooseTheme(each);
                  }}
                  className={cn(menuItemClass, 'data-[state=checked]:text-accent')}
                >
                  <Icon aria-hidden className="size-4" /> {name}
                  <DropdownMenu.ItemIndicator className="ml-auto text-xs">on</DropdownMenu.ItemIndicator>
                </DropdownMenu.RadioItem>
              );
            })}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/account' })}>
            <KeyRound aria-hidden className="size-4" /> Account
          </DropdownMenu.Item>
          {state.person.role === 'owner' && (
            <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/members' })}>
              <Users aria-hidden className="size-4" /> Members
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/access-policy' })}>
            <ShieldCheck aria-hidden className="size-4" /> Access policy
          </DropdownMenu.Item>
          <DropdownMenu.Item className={menuItemClass} onSelect={onHelp}>
            <Keyboard aria-hidden className="size-4" /> Keyboard
          </DropdownMenu.Item>
          <DropdownMenu.Item className={menuItemClass} onSelect={signOut}>
            <LogOut aria-hidden className="size-4" /> Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
