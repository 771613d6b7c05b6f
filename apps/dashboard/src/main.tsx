/** Entry of the dashboard. */
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles.css';
import './live-wiring.js';
import { preloadSoon } from './preload.js';
import { queryClient } from './query-client.js';
import { loadPageCode, router } from './router.js';
import { InsecurePage } from './shell/insecure-page.js';
import { Toasts } from './toasts.js';

const App = () => (
  <QueryClientProvider client={queryClient}>
    <RouterProvider router={router} />
    <Toasts />
  </QueryClientProvider>
);

const place = document.getElementById('root');
if (place) {
  loadPageCode();
  // Without a secure context there is no WebCrypto: no key, no session.
  const secure = window.isSecureContext && crypto.subtle !== undefined;
  createRoot(place).render(<StrictMode>{secure ? <App /> : <InsecurePage />}</StrictMode>);
  if (secure) preloadSoon();
}
