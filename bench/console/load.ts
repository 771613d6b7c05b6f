/** What the first visit costs: compressed bytes of the first screen and of all routes, and the largest contentful paint on a slow machine. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { signInLink } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure } from '../report.js';

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

/** In the page: when the largest thing so far was painted, and which scripts and styles came until then. */
const largestPaint = () =>
  new Promise<{ at: number; files: string[] }>((resolve) => {
    new PerformanceObserver((list) => {
      const at = list.getEntries().at(-1)?.startTime ?? 0;
      const came = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      resolve({
        at,
        files: came.filter(({ name, responseEnd }) => /\.(js|css)$/.test(name) && responseEnd <= at).map(({ name }) => name),
      });
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });

export async function measureLoad(browser: Browser, product: Product): Promise<Figure[]> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(await signInLink(product));
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
  await page.goto(new URL('/alerts', product.urls.admin).href, { waitUntil: 'load' });
  await page.getByRole('list', { name: 'List of alerts' }).waitFor();
  const { at, files } = await page.evaluate(largestPaint);
  await context.close();
  const names = files.map((file) => new URL(file).pathname);
  const first = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(DIST, name))).length));
  return [
    figure(
      'scripts and styles until the list of alerts is painted, gzip, without charts',
      first.reduce((a, b) => a + b, 0) / KIB,
      'KiB',
      180,
    ),
    figure('scripts and styles of all routes together, gzip', await allRoutes(), 'KiB', 450),
    figure('largest contentful paint of the list of alerts, loopback, cold cache, CPU slowed 4 times', at, 'ms', 2_500),
  ];
}
