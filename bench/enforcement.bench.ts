/**
 * `npm run bench -- enforcement [--quick] [--part=host|memory|reach|throttle|away|signing]`: what being protected costs a host, what the
 * SDK holds, how soon a decision is enforced, whether throttles add up, and what is felt when Plimsoll is away. Each part keeps its own figures.
 */
import { awayCosts } from './enforcement/away.js';
import { hostCosts } from './enforcement/host.js';
import { peerVersions } from './enforcement/host-peers.js';
import { memory } from './enforcement/memory.js';
import { reaches } from './enforcement/reach.js';
import { signing } from './enforcement/signing.js';
import { throttles } from './enforcement/throttle.js';
import { type Figure, keep } from './report.js';

const quick = process.argv.includes('--quick');
const parts = process.argv
  .filter((argument) => argument.startsWith('--part='))
  .map((argument) => argument.slice('--part='.length));
const measure: Record<string, () => Promise<Figure[]>> = {
  memory,
  signing,
  reach: () => reaches(quick),
  throttle: () => throttles(quick),
  away: () => awayCosts(quick),
  host: () => hostCosts(quick),
};

for (const [part, run] of Object.entries(measure)) {
  if (parts.length > 0 && !parts.includes(part)) continue;
  const figures = await run();
  const by = part === 'host' ? 'npm run bench -- enforcement' : `npm run bench -- enforcement --part=${part}`;
  if (quick) for (const { name, value, unit, bar } of figures) console.log(`  quick: ${name}: ${value} ${unit} (bar ${bar})`);
  else keep('enforcement', figures, { by, ...(part === 'host' ? { versions: peerVersions } : {}) });
}
