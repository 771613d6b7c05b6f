/** One screen in both schemes, on a desk and on a phone: nothing that axe finds, and nothing wider than the page. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from './axe.js';

/** With `PLIMSOLL_LOOK` each screen is also kept as a picture in that folder. */
const folder = process.env['PLIMSOLL_LOOK'];
const looks = [
  ['light', 1440],
  ['dark', 390],
] as const;
/** Where pictures are kept, the other two as well. */
const more = [
  ['dark', 1440],
  ['light', 390],
] as const;

/** The page is 1440 wide again afterwards; its scheme stays the last one. */
export async function inspect(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const [colorScheme, width] of folder === undefined ? looks : [...more, ...looks]) {
    await page.evaluate(`document.documentElement.dataset.theme = '${colorScheme}'`);
    await expectNoWider(page, name, width);
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
    expect({ name, colorScheme, found: await violations(page) }).toEqual({ name, colorScheme, found: [] });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** It is no wider than a window from a phone's to a wall's. */
export async function expectToFit(page: Page, name: string): Promise<void> {
  for (const width of [390, 768, 2560, 1440]) await expectNoWider(page, name, width);
}

/** Charts take their new width with the frame after the next. */
async function expectNoWider(page: Page, name: string, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await expect.poll(overflow, { message: `${name} at ${width} pixels`, interval: 20, timeout: 5_000 }).toBe(0);
}
