/** The menu of the person, once it was opened: the theme, help, and the way out. */
import type { Person } from '@plimsoll/contracts';
import { useNavigate } from '@tanstack/react-router';
import {
  EyeOff,
  Keyboard,
  KeyRound,
  ListOrdered,
  LogOut,
  Monitor,
  Moon,
  Radar,
  ScrollText,
  ShieldCheck,
  Sun,
  Users,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useMay } from '../allowed.js';
import { session } from '../session.js';
import { chooseTheme, type Theme, themes, useTheme } from '../theme.js';
import { toast } from '../toast.js';
import { cn } from '../ui/cn.js';
import { menuContentClass, menuItemClass } from '../ui/menu-look.js';
import type { Face } from '../ui/on-demand.js';

const themeLook: Record<Theme, { name: string; icon: typeof Sun }> = {
  system: { name: 'System', icon: Monitor },
  light: { name: 'Light', icon: Sun },
  dark: { name: 'Dark', icon: Moon },
};

/** The bar at the bottom of a phone has no room for these. */
const elsewhere = [
  { to: '/policies', name: 'Policies', icon: ListOrdered },
  { to: '/detection', name: 'Detection', icon: Radar },
] as const;

const signOut = () => {
  session.signOut().catch((error: Error) => toast.error('Signing out failed', { description: error.message }));
};

export interface PersonMenuProps {
  person: Person;
  onHelp: () => void;
}

function ThemeItems() {
  const theme = useTheme();
  return (
    <>
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
    </>
  );
}

export function OpenedPersonMenu({ person, onHelp, face, faceClass }: PersonMenuProps & Face) {
  const navigate = useNavigate();
  const readsAudit = useMay('audit.read');
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger className={faceClass}>{face}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className={cn(menuContentClass, 'w-52')}>
          <ThemeItems />
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          {elsewhere.map(({ to, name, icon: Icon }) => (
            <DropdownMenu.Item key={to} className={cn(menuItemClass, 'md:hidden')} onSelect={() => void navigate({ to })}>
              <Icon aria-hidden className="size-4" /> {name}
            </DropdownMenu.Item>
          ))}
          <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/account' })}>
            <KeyRound aria-hidden className="size-4" /> Account
          </DropdownMenu.Item>
          {person.role === 'owner' && (
            <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/members' })}>
              <Users aria-hidden className="size-4" /> Members
            </DropdownMenu.Item>
          )}
          {readsAudit && (
            <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/audit' })}>
              <ScrollText aria-hidden className="size-4" /> Audit
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/access-policy' })}>
            <ShieldCheck aria-hidden className="size-4" /> Access policy
          </DropdownMenu.Item>
          <DropdownMenu.Item className={menuItemClass} onSelect={() => void navigate({ to: '/privacy' })}>
            <EyeOff aria-hidden className="size-4" /> Privacy
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
