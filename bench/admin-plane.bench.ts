/**
 * `npm run bench:admin [-- --quick] [--part=races|checks|revocations|strangers|profiles|policies|requirements|defences]`: races of refreshes (1,000 bursts, 300
 * revocations, kills), what the checks before each operation of the admin API cost, how soon a revocation holds elsewhere, what the
 * door tells and does to strangers, what a second browser makes of what it copied, whether a bent platform policy is noticed, how many
 * requirements of the ASVS are met; and, only where it is
 * asked for by name since it takes half an hour, whether a test fails for each defence that is taken out. Each part keeps its own
 * figures.
 */
import { checks } from './admin-plane/checks.js';
import { defences } from './admin-plane/defences.js';
import { policies } from './admin-plane/policies.js';
import { profiles } from './admin-plane/profiles.js';
import { races } from './admin-plane/races.js';
import { requirements } from './admin-plane/requirements.js';
import { revocations } from './admin-plane/revocations.js';
import { withStores } from './admin-plane/stores.js';
import { strangers } from './admin-plane/strangers.js';
import { type Figure, keep } from './report.js';

const quick = process.argv.includes('--quick');
const named = process.argv
  .filter((argument) => argument.startsWith('--part='))
  .map((argument) => argument.slice('--part='.length));
const measure: Record<string, () => Promise<Figure[]>> = {
  races: () => withStores((stores) => races(stores, quick ? 50 : 1_000)),
  checks: () => withStores((stores) => checks(stores, quick ? 500 : 5_000)),
  revocations: () => withStores((stores) => revocations(stores, quick ? 20 : 200)),
  strangers: () => withStores((stores) => strangers(stores, quick ? 300 : 10_000)),
  profiles: async () => profiles(quick ? 1 : 5),
  policies: async () => policies(),
  requirements: async () => requirements(),
  defences: () => defences(),
};
const parts = named.length > 0 ? named : ['races', 'checks', 'revocations', 'strangers', 'profiles', 'policies', 'requirements'];

for (const [part, run] of Object.entries(measure)) {
  if (!parts.includes(part)) continue;
  const figures = await run();
  // A quick run shows that it works; its figures are not kept.
  if (quick)
    for (const entry of figures) console.log(`${entry.pass ? 'met   ' : 'MISSED'} ${entry.name}: ${entry.value} ${entry.unit}`);
  else keep('admin-plane', figures, { by: `npm run bench:admin -- --part=${part}` });
}
