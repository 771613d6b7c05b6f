/** Build of the dashboard: hashed files in dist/, no inline script, charts in a chunk of their own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { contract } from './src/contract/plugin.js';

/** Browsers that know light-dark(), which the tokens are written in. */
const target = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];
const admin = process.env['PLIMSOLL_ADMIN_URL'] ?? 'http://localhost:7070';

/** recharts takes its scales by name, and with them all that d3 has. Axes of the charts here are numbers or categories: these are theirs. */
const scalesInUse: Plugin = {
  name: 'scales-in-use',
  apply: 'build',
  enforce: 'pre',
  resolveId: (id) => (id === 'victory-vendor/d3-scale' ? '\0scales-in-use' : undefined),
  load: (id) => (id === '\0scales-in-use' ? `export { scaleBand, scaleLinear, scalePoint } from 'd3-scale';` : undefined),
};

const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
/** Beside each file its compressed forms, which the server sends as they are (apps/admin/src/app.ts). */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async writeBundle({ dir = '' }, bundle) {
    for (const file of Object.values(bundle)) {
      if (!/\.(js|css|html|svg)$/.test(file.fileName)) continue;
      const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source);
      const path = join(dir, file.fileName);
      await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      await writeFile(`${path}.br`, brotliCompressSync(bytes, QUALITY));
    }
  },
};

/**
 * What is used together comes in one file, by the first of these that holds a module or something that needs it; a page's own code is
 * in a file of its own. Without them there would be a hundred files, each with a beginning and an end.
 */
const groups = [
  { name: 'start', tags: ['$initial' as const] },
  { name: 'alerts', test: /dashboard[\\/]src[\\/]alerts[\\/]alerts-page/ },
  { name: 'charts', test: /dashboard[\\/]src[\\/]charts[\\/]\w+-chart/ },
  {
    name: 'overlays',
    test: /dashboard[\\/]src[\\/](overlays|.*(keyboard-help|command-palette|opened-|choice-menu|-dialogs?)\b)/,
  },
  { name: 'table', test: /dashboard[\\/]src[\\/]ui[\\/]table/ },
  { name: 'parts', test: /dashboard[\\/]src[\\/]/, minShareCount: 2 },
].map((group, index, all) => ({ ...group, priority: all.length - index }));

export default defineConfig({
  plugins: [react(), tailwindcss(), contract, scalesInUse, compressed],
  build: {
    target,
    cssTarget: target,
    // The preload polyfill would be an inline script; data: URIs would need a wider policy.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 450,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: {
    port: 5173,
    proxy: { '/api': admin, '/socket.io': { target: admin, ws: true } },
  },
});
