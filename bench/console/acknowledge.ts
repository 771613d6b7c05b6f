/** From the click on Acknowledge until the page has the server's answer: the request under way has ended, and the row has its new state. */
import type { Browser } from 'playwright-core';
import { signInLink } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure, quantile, spread } from '../report.js';
import { SERVICE } from './store.js';

/** In the page: clicks the first button that acknowledges, and waits for the answer of the call and the frame after it. */
async function acknowledgeFirst(): Promise<number> {
  const button = [...document.querySelectorAll<HTMLButtonElement>('li button')].find(
    ({ textContent }) => textContent?.trim() === 'Acknowledge',
  );
  if (!button) throw new Error('no alert to acknowledge');
  const before = performance.getEntriesByType('resource').length;
  const begin = performance.now();
  button.click();
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const calls = performance.getEntriesByType('resource').slice(before);
    if (calls.some(({ name }) => name.endsWith('/api/triage'))) break;
    if (performance.now() - begin > 20_000) throw new Error('not settled within 20 s');
  }
  await new Promise((resolve) => requestAnimationFrame(resolve));
  const took = performance.now() - begin;
  performance.clearResourceTimings();
  return took;
}

export async function measureAcknowledge(browser: Browser, product: Product, times: number, alerts: number): Promise<Figure[]> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(await signInLink(product));
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.goto(new URL(`/alerts?state=open&service=${SERVICE}`, product.urls.admin).href);
  await page.getByRole('list', { name: 'List of alerts' }).waitFor();
  const took: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    took.push(await page.evaluate(acknowledgeFirst));
    await page.waitForTimeout(50);
  }
  console.log(`acknowledge: ${spread(took)} ms`);
  await page.close();
  return [
    figure(`acknowledge with ${alerts} alerts in the store, click to settled, p99 of ${times}`, quantile(took, 0.99), 'ms', 150),
  ];
}
