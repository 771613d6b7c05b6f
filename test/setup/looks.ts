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
  for (const [colorScheme, width] of folder === undefined ? looks : [...more, ...looks]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.evaluate(`document.documentElement.dataset.theme = '${colorScheme}'`);
    await page.waitForTimeout(300);
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
    expect({ name, colorScheme, found: await violations(page) }).toEqual({ name, colorScheme, found: [] });
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect({ name, width, overflow }).toEqual({ name, width, overflow: 0 });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
