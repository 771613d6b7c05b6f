/** `npm run bench -- enforcement [--quick]`: what being protected costs. */
import { hostCosts } from './enforcement/host.js';
import { peerVersions } from './enforcement/host-peers.js';
import { keep } from './report.js';

const quick = process.argv.includes('--quick');
const figures = await hostCosts(quick);
const by = 'npm run bench -- enforcement';
if (quick) for (const { name, value, unit, bar } of figures) console.log(`  quick: ${name}: ${value} ${unit} (bar ${bar})`);
else keep('enforcement', figures, { by, versions: peerVersions });
