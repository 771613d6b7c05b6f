/** A menu of choices that can be taken together, for filters. */
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from './button.js';
import type { ChoiceMenuProps } from './choice-menu.js';
import { cn } from './cn.js';
import { menuOnDemand } from './on-demand.js';

const Menu = menuOnDemand<ChoiceMenuProps<string>>(
  () => import('./choice-menu.js').then((module) => module.OpenedChoiceMenu),
  ({ label, chosen }) => ({
    face: (
      <>
        {label}
        {chosen.length > 0 && <span className="rounded-sm bg-accent/14 px-1 text-xs">{chosen.length}</span>}
        <ChevronDown aria-hidden className="size-3.5 opacity-70" />
      </>
    ),
    faceClass: cn(buttonClass(), chosen.length > 0 && 'border-accent/50 bg-accent/8 text-accent'),
  }),
);

/** The button tells how many are chosen; none means all. */
export const ChoiceMenu = Menu as unknown as <T extends string>(props: ChoiceMenuProps<T>) => ReactNode;
