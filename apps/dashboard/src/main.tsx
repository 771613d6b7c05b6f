/** Entry of the dashboard. */
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Toaster } from 'sonner';
import './styles.css';
import './live-wiring.js';
import { preloadSoon } from './preload.js';
import { queryClient } from './queries.js';
import { router } from './router.js';
import { InsecurePage } from './shell/insecure-page.js';
import { useTheme } from './theme.js';

function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toaster
        theme={useTheme()}
        position="bottom-right"
        mobileOffset={{ bottom: 68 }}
        toastOptions={{
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
