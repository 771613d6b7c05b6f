/**
 * From the request that crosses the limit, finished in the SDK, to the alert on a page that is open: 200 actors, each
 * once. Both ends are on one clock. Then from the click on Block to the SDK's 403: 100 times.
 */

import { plimsoll } from '@plimsoll/sdk';
import type { Browser, Page } from 'playwright-core';
import { type Console, signInLink } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure, quantile, spread } from '../report.js';
import { sleep, until } from './clock.js';

const ACTORS = 200;
const BLOCKS = 100;
const BURST = 60;
/** So many that one endpoint's bursts do not look like everybody's surge, which is nobody's fault. */
const ENDPOINTS = 100;
const SERVICE = 'bench';
type Guard = ReturnType<typeof plimsoll>;

const log = (actor: string, ts: number, endpoint: number) => ({
  ts,
  method: 'GET',
  route: `/reports-${endpoint % ENDPOINTS}/:id`,
  path: `/reports-${endpoint % ENDPOINTS}/17`,
  status: 200,
  durationMs: 3,
  bytesIn: 0,
  bytesOut: 900,
  ip: '203.0.113.9',
  userAgent: 'bench',
  actor,
  authenticated: true,
});

async function openAlerts(browser: Browser, product: Product): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(await signInLink(product));
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor();
  // Keeps the time at which each actor's name was first on the page.
  await page.evaluate(() => {
    const seen: Record<string, number> = {};
    Object.assign(window, { seen });
    const look = () => {
      for (const name of document.body.innerText.match(/crosser-\d+/g) ?? []) seen[name] ??= Date.now();
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  return page;
}

const seenAt = (page: Page, actor: string) =>
  page.evaluate((name) => (window as unknown as { seen: Record<string, number> }).seen[name], actor);

/** Ordinary traffic of forty others, so that there is a population to differ from. */
async function teach(guard: Guard): Promise<void> {
  const start = Date.now() - 10 * 60_000;
  for (let minute = 0; minute < 10; minute += 1) {
    for (let actor = 0; actor < 40; actor += 1) {
      for (let turn = 0; turn < 2; turn += 1)
        guard.record(
          log(`regular-${actor}`, start + minute * 60_000 + turn * 20_000 + actor * 400, minute * 40 + actor + turn * 7),
        );
    }
    await sleep(300);
  }
}

export async function measureVisible(product: Product, console_: Console, browser: Browser): Promise<Figure[]> {
  await console_.call('createService', { body: { id: SERVICE, policy: 'monitor' } });
  const { secret } = await console_.call('createKey', { params: { id: SERVICE }, body: { name: 'bench' } });
  const guard = plimsoll({ url: product.urls.ingest, key: secret });
  try {
    await teach(guard);
    const page = await openAlerts(browser, product);
    const delays: number[] = [];
    for (let index = 0; index < ACTORS; index += 1) {
      const actor = `crosser-${index}`;
      await sleep(Math.random() * 300);
      const finished = Date.now();
      for (let request = 0; request < BURST; request += 1) guard.record(log(actor, finished, index));
      delays.push((await until(() => seenAt(page, actor), `${actor} on the page`, 30, 20)) - finished);
    }
    console.log(`visible: ${spread(delays)} ms`);
    const blocks = await measureBlocks(page, guard, console_);
    console.log(`blocks: ${spread(blocks)} ms`);
    return [
      figure(
        'crossing request finished in the SDK until the alert is on the page, p99 of 200',
        quantile(delays, 0.99),
        'ms',
        1000,
      ),
      figure('click on Block until the SDK answers 403, p99 of 100', quantile(blocks, 0.99), 'ms', 1000),
    ];
  } finally {
    await guard.close();
  }
}

async function measureBlocks(page: Page, guard: Guard, console_: Console): Promise<number[]> {
  const delays: number[] = [];
  const { items } = await console_.call('alerts', { query: { service: SERVICE, limit: 200 } });
  const alerts = items
    .filter((alert) => alert.subject.type === 'actor' && alert.subject.id.startsWith('crosser-'))
    .slice(0, BLOCKS);
  for (const alert of alerts) {
    await page.goto(new URL(`/alerts/${alert.id}`, page.url()).href);
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    const confirm = page.getByRole('button', { name: 'Confirm block' });
    await confirm.waitFor();
    await confirm.evaluate((button) =>
      button.addEventListener('click', () => Object.assign(window, { clickedAt: Date.now() }), { capture: true }),
    );
    const refused = until(
      () =>
        guard.check({ actor: alert.subject.id, authenticated: true, ip: '203.0.113.9' }).verdict === 'block'
          ? Date.now()
          : undefined,
      `${alert.subject.id} blocked`,
      30,
      2,
    );
    await confirm.click();
    const at = await refused;
    delays.push(at - (await page.evaluate(() => (window as unknown as { clickedAt: number }).clickedAt)));
  }
  if (delays.length < BLOCKS) throw new Error(`only ${delays.length} alerts to block`);
  return delays;
}
