/** Build of the dashboard: hashed files in dist/, no inline script, charts in a chunk of their own. */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Browsers that know light-dark(), which the tokens are written in. */
const target = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];
const admin = process.env['PLIMSOLL_ADMIN_URL'] ?? 'http://localhost:7070';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target,
    cssTarget: target,
    // The preload polyfill would be an inline script; data: URIs would need a wider policy.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 450,
  },
  server: {
    port: 5173,
    proxy: { '/api': admin, '/socket.io': { target: admin, ws: true } },
  },
});
