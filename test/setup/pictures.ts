/** Pictures of screens for people to look at: with `PLIMSOLL_PICTURES` each is kept in that folder, wide and narrow, light and dark. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const folder = process.env['PLIMSOLL_PICTURES'];

/** As the page stands. */
export async function snapshot(page: Page, name: string, fullPage = false): Promise<void> {
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

/** In its four looks. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  if (folder === undefined) return;
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(400);
      await snapshot(page, `${name}-${width}-${colorScheme}`, fullPage);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}
