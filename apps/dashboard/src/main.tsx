/** Entry of the dashboard. */
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { Toaster } from 'sonner';
import './styles.css';
import './live-wiring.js';
import { preloadSoon } from './preload.js';
import { queryClient } from './queries.js';
import { router } from './router.js';
import { InsecurePage } from './shell/insecure-page.js';
import { useTheme } from './theme.js';

/** A phone's: there dialogs and the bar of marked alerts stand at the bottom, and toasts at the top cover neither. */
const narrow = '(max-width: 600px)';
function subscribeWidth(listener: () => void): () => void {
  const media = matchMedia(narrow);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

function App() {
  const atTop = useSyncExternalStore(subscribeWidth, () => matchMedia(narrow).matches);
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
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
    </QueryClientProvider>
  );
}

const place = document.getElementById('root');
if (place) {
  // Without a secure context there is no WebCrypto: no key, no session.
  const secure = window.isSecureContext && crypto.subtle !== undefined;
  createRoot(place).render(<StrictMode>{secure ? <App /> : <InsecurePage />}</StrictMode>);
  if (secure) preloadSoon();
}
