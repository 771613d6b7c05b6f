/** What axe-core finds on the open page: WCAG 2.2 A and AA and its best practices, one line a violation. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Milliseconds after which a fading of colours or a dialog's opening is over. */
const SETTLED_MS = 500;

/** A change of the scheme fades in, and what is measured half way is neither scheme's colour: what is found is looked at once more. */
export async function violations(page: Page): Promise<string[]> {
  const found = await look(page);
  if (found.length === 0) return found;
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  return look(page);
}

async function look(page: Page): Promise<string[]> {
  await page.evaluate(`${source};0`);
  const results = await page.evaluate<AxeResults>(`axe.run(document, { runOnly: ${JSON.stringify(tags)} })`);
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`);
}
