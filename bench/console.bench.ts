/**
 * The bars of the console, in the system's own Chromium against a running product with a full store: `npm run bench:console`.
 * `--quick`: 10,000 alerts and fewer turns, to see that it works; the bars are those of the full run.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from '../test/setup/browser.js';
import { startProduct } from '../test/setup/product.js';
import { measureAcknowledge } from './console/acknowledge.js';
import { measureLiveQueue } from './console/live-queue.js';
import { measureLoad } from './console/load.js';
import { fillAlerts } from './console/store.js';
import { type Figure, keep } from './report.js';

const quick = process.argv.includes('--quick');
const alerts = quick ? 10_000 : 100_000;
const browser = await openBrowser();
const product = await startProduct({ args: ['--no-demo'] });
const figures: Figure[] = [];
try {
  const { databaseUrl, redisUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
  await fillAlerts(databaseUrl, alerts);
  figures.push(...(await measureLoad(browser, product, quick ? 3 : 9)));
  figures.push(...(await measureAcknowledge(browser, product, quick ? 30 : 200, alerts)));
  figures.push(...(await measureLiveQueue(browser, product, quick ? 10 : 60, { databaseUrl, redisUrl })));
} finally {
  await product.stop();
  await browser.close();
}
keep('console', figures, { by: `npm run bench:console${quick ? ' -- --quick' : ''}`, versions: { chromium: browser.version() } });
