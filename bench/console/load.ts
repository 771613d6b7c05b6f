/** What the first visit costs: compressed bytes of the first screen and of all routes, and the largest contentful paint on a slow machine. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext } from 'playwright-core';
import { signInLink } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure, quantile, spread } from '../report.js';

const DIST = 'apps/dashboard/dist';
const ASSETS = join(DIST, 'assets');
const KIB = 1024;
const SLOWED = 4;

/** All that the dashboard may ever load: scripts and styles. */
async function allRoutes(): Promise<number> {
  const names = (await readdir(ASSETS)).filter((name) => /\.(js|css)$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(ASSETS, name))).length));
  return sizes.reduce((sum, size) => sum + size, 0) / KIB;
}

/** In the page, from its beginning: notes when the list of alerts has been painted. */
function watchList(): void {
  const look = () => {
    if (document.querySelector('[aria-label="List of alerts"] li')) setTimeout(() => performance.mark('list'));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** In the page: when the largest thing so far was painted, and which scripts and styles came until then and until the list was. */
const firstPaint = () =>
  new Promise<{ largestAt: number; files: string[] }>((resolve) => {
    new PerformanceObserver((list) => {
      const largestAt = list.getEntries().at(-1)?.startTime ?? 0;
      const until = Math.max(largestAt, performance.getEntriesByName('list')[0]?.startTime ?? Number.POSITIVE_INFINITY);
      const came = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      const files = came.filter(({ name, responseEnd }) => /\.(js|css)$/.test(name) && responseEnd <= until);
      resolve({ largestAt, files: files.map(({ name }) => name) });
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });

/** One first visit of somebody who is signed in, in a tab of its own: nothing in the cache, and no page before it that has to end. */
async function visit(context: BrowserContext, address: string): Promise<{ largestAt: number; kib: number }> {
  const page = await context.newPage();
  await page.addInitScript(watchList);
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
  await page.goto(address, { waitUntil: 'load' });
  await page.getByRole('list', { name: 'List of alerts' }).waitFor();
  await page.waitForFunction(() => performance.getEntriesByName('list').length > 0);
  const { largestAt, files } = await page.evaluate(firstPaint);
  await page.close();
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(join(DIST, new URL(file).pathname))).length));
  return { largestAt, kib: sizes.reduce((a, b) => a + b, 0) / KIB };
}

/** @param visits the largest paint is their median; of the scripts and styles, the most that any of them took */
export async function measureLoad(browser: Browser, product: Product, visits: number): Promise<Figure[]> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const signIn = await context.newPage();
  await signIn.goto(await signInLink(product));
  await signIn.getByRole('heading', { name: 'Overview' }).waitFor();
  await signIn.close();
  const seen: { largestAt: number; kib: number }[] = [];
  for (let turn = 0; turn < visits; turn += 1) seen.push(await visit(context, new URL('/alerts', product.urls.admin).href));
  await context.close();
  const paints = seen.map(({ largestAt }) => largestAt);
  const kibs = seen.map(({ kib }) => kib);
  console.log(`largest contentful paint: ${spread(paints)} ms`);
  console.log(`scripts and styles of the first visit: ${spread(kibs)} KiB`);
  return [
    figure('scripts and styles until the list of alerts is painted, gzip, without charts', Math.max(...kibs), 'KiB', 180),
    figure('scripts and styles of all routes together, gzip', await allRoutes(), 'KiB', 450),
    figure(
      'largest contentful paint of the list of alerts, loopback, cold cache, CPU slowed 4 times',
      quantile(paints, 0.5),
      'ms',
      2_500,
    ),
  ];
}
