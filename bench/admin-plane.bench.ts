/**
 * `npm run bench:admin [-- --quick] [--part=races|checks]`: races of refreshes (1,000 bursts, 300 revocations, kills) and what the
 * checks before each operation of the admin API cost. Each part keeps its own figures.
 */
import { checks } from './admin-plane/checks.js';
import { races } from './admin-plane/races.js';
import { type Stores, withStores } from './admin-plane/stores.js';
import { type Figure, keep } from './report.js';

const quick = process.argv.includes('--quick');
const parts = process.argv
  .filter((argument) => argument.startsWith('--part='))
  .map((argument) => argument.slice('--part='.length));
const measure: Record<string, (stores: Stores) => Promise<Figure[]>> = {
  races: (stores) => races(stores, quick ? 50 : 1_000),
  checks: (stores) => checks(stores, quick ? 500 : 5_000),
};

for (const [part, run] of Object.entries(measure)) {
  if (parts.length > 0 && !parts.includes(part)) continue;
  const figures = await withStores(run);
  // A quick run shows that it works; its figures are not kept.
  if (quick)
    for (const entry of figures) console.log(`${entry.pass ? 'met   ' : 'MISSED'} ${entry.name}: ${entry.value} ${entry.unit}`);
  else keep('admin-plane', figures, { by: `npm run bench:admin -- --part=${part}` });
}
