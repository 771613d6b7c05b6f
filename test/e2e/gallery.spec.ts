/**
 * The gallery in a real browser, from the development server: every component and state in both schemes without a violation, at
 * widths from a phone to a wall, with motion reduced, in another time zone, and by the keyboard alone. No build has the page.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../setup/axe.js';
import { openBrowser } from '../setup/browser.js';

const ROOT = 'apps/dashboard';
let server: ViteDevServer;
let browser: Browser;
let page: Page;
let address: string;
const faults: string[] = [];

beforeAll(async () => {
  server = await createServer({ root: ROOT, configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error', server: { port: 0 } });
  await server.listen();
  address = `${server.resolvedUrls?.local[0] ?? ''}gallery`;
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, timezoneId: 'Pacific/Auckland' });
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(address);
  await page.getByRole('heading', { name: 'Gallery' }).waitFor({ timeout: 60_000 });
  await page.getByRole('img', { name: 'Requests a minute, of one hour.' }).waitFor({ timeout: 60_000 });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

describe('every component and state', () => {
  it('is there', async () => {
    for (const title of ['Buttons', 'Fields', 'Marks and times', 'Choices and dialogs', 'Waiting and empty', 'Failures', 'Table'])
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
    for (const title of ['Hours of the week', 'Sequence', 'Precision', 'Traffic', 'Histogram', 'A chart that is not there'])
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
    for (const title of ['Orders', 'Facts and moments', 'Words that come and go', 'Found: some', 'Found: none', 'Found: fault'])
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(7);
  });

  it('asks once more where something is lost, and says what was done in a corner', async () => {
    await page.getByRole('button', { name: 'Ask after a failure' }).click();
    const asked = page.getByRole('dialog', { name: 'Remove it?' });
    await asked.getByText('Somebody was faster.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await asked.waitFor({ state: 'detached' });
    for (const name of ['Say that it is done', 'Say that it failed', 'Say something'])
      await page.getByRole('button', { name }).click();
    await page.getByText('Nothing was changed').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Put back as before').first().waitFor();
  });

  it.each(['light', 'dark'] as const)('has nothing for axe to find, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page)).toEqual([]);
  });

  it.each([390, 768, 1440, 2560])('fits into %d pixels', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    // Charts take their new width with the next frames.
    const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await expect.poll(over, { timeout: 10_000 }).toBe(0);
  });

  it('stands still where motion is reduced', async () => {
    const moving = () =>
      page.evaluate(
        () =>
          document
            .getAnimations()
            .filter((one) => Number(one.effect?.getComputedTiming().duration) > 1 && one.playState === 'running').length,
      );
    expect(await moving()).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await expect.poll(moving).toBe(0);
  });

  it('tells times in the zone of who looks', async () => {
    const title = await page
      .getByRole('heading', { name: 'Marks and times' })
      .locator('xpath=../..')
      .locator('time')
      .first()
      .getAttribute('title');
    expect(title).toMatch(/UTC\+1[23]/);
  });

  it('is reached by the keyboard in the order in which it is read, and a dialog gives the focus back', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    await page.getByRole('button', { name: 'primary', exact: true }).focus();
    const order: string[] = [];
    for (let step = 0; step < 3; step += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    // What is busy or disabled is passed over.
    expect(order).toEqual(['primary, small', 'plain', 'plain, small']);
    await page.getByRole('button', { name: 'Open the dialog' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'A dialog' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Open the dialog');
  });

  it('raised no fault, and is in no build', async () => {
    expect(faults).toEqual([]);
    const files = await readdir(join(ROOT, 'dist/assets'));
    const texts = await Promise.all(
      files.filter((name) => name.endsWith('.js')).map((name) => readFile(join(ROOT, 'dist/assets', name), 'utf8')),
    );
    expect(texts.join('')).not.toMatch(/\/gallery\b/);
  });
});
