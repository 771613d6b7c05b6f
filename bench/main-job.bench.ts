/** The bars of the main job, on the running product: `npm run bench -- main-job`. */
import { openBrowser } from '../test/setup/browser.js';
import { openConsole } from '../test/setup/console.js';
import { startProduct } from '../test/setup/product.js';
import { measureFlood } from './main-job/flood.js';
import { measureKills } from './main-job/kill.js';
import { measureRealLog } from './main-job/real-log.js';
import { measureStart, measureSuite } from './main-job/start.js';
import { measureVisible } from './main-job/visible.js';
import { type Figure, keep } from './report.js';

const only = (process.env['BENCH_PARTS'] ?? 'flood,visible,kill,real,start,suite').split(',');
const browser = await openBrowser();
const figures: Figure[] = [];
if (only.some((part) => ['flood', 'visible', 'kill', 'real'].includes(part))) {
  const product = await startProduct();
  try {
    if (only.includes('flood')) figures.push(...(await measureFlood(product, await openConsole(product))));
    if (only.includes('visible')) figures.push(...(await measureVisible(product, await openConsole(product), browser)));
    if (only.includes('real')) figures.push(...(await measureRealLog(product, await openConsole(product))));
    if (only.includes('kill')) figures.push(...(await measureKills(product, await openConsole(product))));
  } finally {
    await product.stop();
  }
}
await browser.close();
if (only.includes('start')) figures.push(...(await measureStart()));
if (only.includes('suite')) figures.push(...(await measureSuite()));
keep('main-job', figures, { versions: { chromium: browser.version() } });
