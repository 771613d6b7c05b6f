/** Saved views: the filters of the address under a name, one's own or shared with everybody. */
import { Bookmark } from 'lucide-react';
import { buttonClass } from '../ui/button.js';
import { menuOnDemand } from '../ui/on-demand.js';
import type { AlertSearch } from './search.js';

export const Views = menuOnDemand<{ search: AlertSearch }>(
  () => import('./opened-views.js').then((module) => module.OpenedViews),
  () => ({
    face: (
      <>
        <Bookmark aria-hidden className="size-3.5" /> Views
      </>
    ),
    faceClass: buttonClass(),
  }),
);
