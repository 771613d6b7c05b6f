/**
 * The list of alerts while 200 new ones come each second: first at its top, where they come in, then scrolled down, where they wait.
 * Measured are the longest task of the page, how far a row that is read moved, and what a forced collection leaves in memory once
 * the same screen stands there again.
 */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { signInLink } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure } from '../report.js';
import { type Flood, openFlood } from './flood.js';
import { SERVICE } from './store.js';

const PER_SECOND = 200;
const READ_AT_PX = 1_500;
const MIB = 2 ** 20;

interface Watched {
  /** Milliseconds; the browser reports those from 50 on. */
  longestTask: number;
  /** Pixels. */
  furthestMove: number;
}
declare global {
  interface Window {
    watched?: Watched;
  }
}

/** In the page: looks at each frame where the row is that stood in the middle of the screen, and at every long task. */
function watch(): void {
  const watched: Watched = { longestTask: 0, furthestMove: 0 };
  window.watched = watched;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longestTask = Math.max(watched.longestTask, duration);
  }).observe({ type: 'longtask' });
  let row: Element | null = null;
  let place = 0;
  const look = () => {
    if (window.scrollY < 40) row = null;
    else if (row === null) {
      row = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('li') ?? null;
      place = row?.getBoundingClientRect().top ?? 0;
    } else {
      // A row that is gone has moved as far as one can.
      const now = row.isConnected ? row.getBoundingClientRect().top : innerHeight;
      watched.furthestMove = Math.max(watched.furthestMove, Math.abs(now - place));
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize / MIB;
}

/** As it was before anything came: at the top, the first page of the server, nothing waiting. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  await page.waitForTimeout(4_000);
}

async function flooded(page: Page, flood: Flood, milliseconds: number): Promise<void> {
  await page.mouse.move(5, 5);
  await flood.run(milliseconds / 2, PER_SECOND);
  await page.evaluate((top) => window.scrollTo({ top, behavior: 'instant' }), READ_AT_PX);
  await page.waitForTimeout(500);
  await flood.run(milliseconds / 2, PER_SECOND);
}

/** @param urls of the stores that the product runs on */
export async function measureLiveQueue(
  browser: Browser,
  product: Product,
  seconds: number,
  urls: { databaseUrl: string; redisUrl: string },
): Promise<Figure[]> {
  const flood = openFlood(urls);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await page.goto(await signInLink(product));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.goto(new URL(`/alerts?state=open&service=${SERVICE}`, product.urls.admin).href);
    await page.getByRole('list', { name: 'List of alerts' }).waitFor();
    // The rest of the code has come by then.
    await page.waitForTimeout(8_000);
    const session = await page.context().newCDPSession(page);
    // What is made once and stays (compiled code, shapes) is made before the first look.
    await flooded(page, flood, Math.min(10_000, seconds * 500));
    await settle(page);
    await page.evaluate(watch);
    const before = await heapOf(session);
    const first = flood.sent();
    await flooded(page, flood, seconds * 1_000);
    const { longestTask, furthestMove } = await page.evaluate(
      () => window.watched ?? { longestTask: Number.NaN, furthestMove: Number.NaN },
    );
    const came = flood.sent() - first;
    await settle(page);
    const after = await heapOf(session);
    console.log(`live queue: ${came} alerts in ${seconds} s, heap ${before.toFixed(1)} -> ${after.toFixed(1)} MiB`);
    return figures({ seconds, longestTask, furthestMove, grown: after - before });
  } finally {
    await page.close();
    await flood.close();
  }
}

function figures({ seconds, longestTask, furthestMove, grown }: Watched & { seconds: number; grown: number }): Figure[] {
  const what = `${PER_SECOND} alerts a second for ${seconds} s`;
  return [
    figure(`${what}: longest task of the page (0: none from 50 ms on)`, longestTask, 'ms', 100),
    figure(`${what}: how far the row that is read moved`, furthestMove, 'px', 0),
    figure(`${what}: memory that a collection leaves beyond what was there before`, Math.max(0, grown), 'MiB', 2),
  ];
}
