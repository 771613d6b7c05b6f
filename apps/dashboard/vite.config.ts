/** Build of the dashboard: hashed files in dist/, no inline script, charts in a chunk of their own. */
import { readFileSync } from 'node:fs';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Browsers that know light-dark(), which the tokens are written in. */
const target = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];
const admin = process.env['PLIMSOLL_ADMIN_URL'] ?? 'http://localhost:7070';

/**
 * zod ties what writes JSON schemas to every schema, so that no bundler can leave it out: an eighth of the code of all schemas. The
 * page writes none (the server's OpenAPI document does), and gets functions in their place that say so.
 */
const withoutJsonSchemas: Plugin = {
  name: 'without-json-schemas',
  load(id) {
    if (!/zod\/v4\/core\/(to-json-schema|json-schema-processors)\.js$/.test(id)) return undefined;
    const names = [...readFileSync(id, 'utf8').matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
    const refuse = `const refuse = () => () => { throw new Error('no JSON schemas on the page'); };`;
    return [refuse, ...names.map((name) => `export const ${name} = refuse;`)].join('\n');
  },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), withoutJsonSchemas],
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
