/** The bars of the newcomer's way, in the system's own Chromium on a fresh installation with nothing in it: `npm run bench -- newcomer`. */
import { openBrowser } from '../test/setup/browser.js';
import { signInLink } from '../test/setup/console.js';
import { OwnApp, walk } from '../test/setup/newcomer.js';
import { addAuthenticator } from '../test/setup/passkey.js';
import { startProduct } from '../test/setup/product.js';
import { figure, keep } from './report.js';

// One after the other: where the second does not start, the first is ended.
const product = await startProduct({ args: ['--no-demo'] });
const browser = await openBrowser().catch(async (error) => {
  await product.stop();
  throw error;
});
const app = await OwnApp.make();
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  await addAuthenticator(page);
  const { steps, seconds } = await walk(page, await signInLink(product), app);
  console.log(steps.map((step, index) => `${index + 1}. ${step}`).join('\n'));
  const way = 'own Express app protected, attack seen, user blocked';
  const figures = [
    figure(`newcomer: ${way}: steps by hand`, steps.length, 'steps', 15),
    figure(`newcomer: ${way}: waiting for the machine, all of it together`, seconds, 's', 60),
  ];
  keep('console', figures, { by: 'npm run bench -- newcomer', versions: { chromium: browser.version() } });
} finally {
  await browser.close();
  await app.stop();
  await product.stop();
}
