/** The place of the words in the corner (toast.ts). */
import { useEffect, useSyncExternalStore } from 'react';
import { Toaster } from 'sonner';
import { useTheme } from './theme.js';
import { toaster } from './toast.js';

/** A phone's: there dialogs and the bar of marked alerts stand at the bottom, and toasts at the top cover neither. */
const narrow = '(max-width: 600px)';
function subscribeWidth(listener: () => void): () => void {
  const media = matchMedia(narrow);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

export function Toasts() {
  const atTop = useSyncExternalStore(subscribeWidth, () => matchMedia(narrow).matches);
  // Effects of what is inside come first: it listens by then.
  useEffect(toaster.stands, []);
  return (
    <Toaster
      theme={useTheme()}
      position={atTop ? 'top-center' : 'bottom-right'}
      mobileOffset={{ top: 56 }}
      toastOptions={{
        // Its own colour follows no change of the scheme while a toast is shown.
        classNames: { description: 'text-muted!' },
        style: {
          background: 'var(--color-raised)',
          borderColor: 'var(--color-line)',
          color: 'var(--color-ink)',
          fontFamily: 'var(--font-sans)',
        },
      }}
    />
  );
}
