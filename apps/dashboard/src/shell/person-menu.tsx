/** Who is signed in; a click opens the theme, help, and the way out. */
import { CircleUserRound } from 'lucide-react';
import { useSession } from '../live-wiring.js';
import { menuOnDemand } from '../ui/on-demand.js';
import type { PersonMenuProps } from './opened-person-menu.js';

const Menu = menuOnDemand<PersonMenuProps>(
  () => import('./opened-person-menu.js').then((module) => module.OpenedPersonMenu),
  ({ person }) => ({
    face: (
      <>
        <CircleUserRound aria-hidden className="size-5 shrink-0 text-faint" strokeWidth={1.5} />
        <span className="sr-only">Account of </span>
        <span className="max-md:sr-only md:min-w-0 md:flex-1 md:truncate md:font-medium">{person.name} </span>
        <span className="text-faint text-xs max-md:sr-only">{person.role}</span>
      </>
    ),
    faceClass: 'flex h-9 items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-hover md:w-full',
  }),
);

export function PersonMenu({ onHelp }: { onHelp: () => void }) {
  const state = useSession();
  return state.status === 'signed-in' ? <Menu person={state.person} onHelp={onHelp} /> : null;
}
