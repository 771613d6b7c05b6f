/**
 * The history in a real browser: an alert leads to the requests around it, a search stands in the address and is exported,
 * and a backtest with the rate switched off says that the alert would go. Then whom all this is about: hidden, named for a reason, erased.
 */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../setup/axe.js';
import { openBrowser } from '../setup/browser.js';
import { signInLink } from '../setup/console.js';
import { inspect } from '../setup/looks.js';
import { addAuthenticator, enrol } from '../setup/passkey.js';
import { allStarted, type Product, startProduct } from '../setup/product.js';

let product: Product;
let browser: Browser;
let page: Page;
const faults: string[] = [];
const victim = 'user-07';
/** Of the alert about the victim. */
let alertPath = '';

beforeAll(async () => {
  await allStarted(
    startProduct().then((started) => {
      product = started;
    }),
    openBrowser().then((started) => {
      browser = started;
    }),
  );
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  // What leaves the console, and what shows or erases somebody, asks for a proof of presence.
  await addAuthenticator(page);
  await page.goto(await signInLink(product));
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await enrol(page);
  await product.run('simulate', '--attack', 'flood', '--user', victim);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const requests = () => page.getByRole('list', { name: 'Requests found' }).getByRole('button');

describe('the history', () => {
  it('holds the requests around an alert, one click away', async () => {
    await page
      .getByRole('link', { name: /Alerts/ })
      .first()
      .click();
    // By name: the list is by the last time, and the demo may raise another alert meanwhile.
    await page
      .getByRole('list', { name: 'List of alerts' })
      .getByRole('link', { name: new RegExp(victim) })
      .first()
      .click();
    await page.getByRole('link', { name: 'Requests around it' }).waitFor();
    alertPath = new URL(page.url()).pathname;
    await page.getByRole('link', { name: 'Requests around it' }).click();
    await page.getByRole('heading', { name: 'Investigate' }).waitFor();
    await expect.poll(() => page.getByLabel('User', { exact: true }).inputValue()).toBe(victim);
    await expect.poll(() => requests().count(), { timeout: 60_000 }).toBeGreaterThan(5);
    await expect.poll(() => page.getByRole('img', { name: /requests from/ }).count()).toBe(1);
    expect(await violations(page)).toEqual([]);
  });

  it('is searched by the address of the page, and shows one request with those beside it', async () => {
    await page.getByLabel('Status', { exact: true }).fill('429');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('status')).toContain('429');
    await page.reload();
    await requests().first().waitFor();
    await requests().first().click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByText('throttle', { exact: true }).count()).toBe(1);
    await expect
      .poll(() => dialog.getByRole('region', { name: 'Before and after' }).getByRole('listitem').count())
      .toBeGreaterThan(5);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('is saved as NDJSON, with a last line that says whether it is all', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
    const lines = (await readFile(await download.path(), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { end } = lines.pop();
    expect(end).toEqual({ requests: lines.length, truncated: false });
    expect(lines.every(({ actor, status }) => actor === victim && status === 429)).toBe(true);
    await expect.poll(() => page.getByRole('status').filter({ hasText: 'requests saved' }).count()).toBe(1);
  });

  it('says that nothing matches, and narrows by drawing over the chart', async () => {
    await page.getByLabel('Text in the path').fill('/nowhere');
    await page.keyboard.press('Enter');
    await page.getByText('No requests in this time').first().waitFor();
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await requests().first().waitFor();
    const chart = (await page.getByRole('img', { name: /requests from/ }).boundingBox())!;
    await page.mouse.move(chart.x + chart.width * 0.5, chart.y + 60);
    await page.mouse.down();
    await page.mouse.move(chart.x + chart.width * 0.9, chart.y + 60, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => new URL(page.url()).searchParams.get('from')).not.toBeNull();
  });

  it('names in its address the service that it shows, and gives a link that fixes the time', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Investigate' }).click();
    const fields = () => Object.fromEntries(new URL(page.url()).searchParams);
    await expect.poll(fields).toEqual({ service: 'demo' });
    await page.getByLabel('User', { exact: true }).fill(victim);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect.poll(fields).toEqual({ service: 'demo', actor: victim });
    await requests().first().waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    const { from, to, ...rest } = Object.fromEntries(link.searchParams);
    expect([rest, Number(to) - Number(from)]).toEqual([{ service: 'demo', actor: victim }, 86_400_000]);
    await page.goto(link.href);
    await requests().first().waitFor();
    expect(fields()).toEqual({ from, to, ...rest });
  });
});

describe('a backtest', () => {
  it('is asked for, followed, and says what would go', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Backtest' }).click();
    await page.getByLabel('Days back').fill('1');
    await page.getByLabel('Other settings, as JSON').fill('{"kinds": ');
    await page.getByText('This is no JSON.').waitFor();
    await page.getByLabel('Other settings, as JSON').fill('{"kinds": {"rate": "off"}}');
    await page.getByRole('button', { name: 'Run backtest' }).click();
    await page.getByRole('heading', { name: 'What would differ' }).waitFor({ timeout: 90_000 });
    const gone = page.getByRole('table', { name: 'Alerts that would go' });
    await expect.poll(() => gone.getByText(victim).count()).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);
  });

  it('is of the service whose policy one looks at, or of settings that are not saved yet', async () => {
    const at = (path: string) => new URL(path, product.urls.admin).href;
    const back = page.url();
    await page.goto(at('/policies'));
    await page.getByRole('main').getByRole('link', { name: 'Backtest' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?service=demo');
    await page.goto(at('/services/demo/settings'));
    await page.getByLabel('Sensitivity').first().fill('4');
    await page.getByRole('button', { name: 'Backtest these changes' }).click();
    const [tab] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'See the backtest' }).click(),
    ]);
    await tab.getByRole('list', { name: 'Backtests' }).getByText('7 d, other sensitivity').waitFor();
    await tab.close();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText(/^Not saved:/).waitFor({ state: 'detached' });
    await page.goto(back);
    await page.getByRole('heading', { name: 'What would differ' }).waitFor();
  });

  it('fits a phone, in the dark', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1440, height: 900 });
  });
});

describe('who is watched', () => {
  const at = (path: string) => new URL(path, product.urls.admin).href;
  const named = (text: string) => page.getByText(text).count();

  it('is hidden by one switch, from lists, pages and links', async () => {
    await page.goto(at('/privacy'));
    await page.getByText('By the ids that your services send.').waitFor();
    await inspect(page, 'privacy');
    await page.getByRole('button', { name: 'Show pseudonyms' }).click();
    const asked = page.getByRole('dialog', { name: 'Show pseudonyms to everybody?' });
    await inspect(page, 'privacy-switch');
    await asked.getByRole('button', { name: 'Show pseudonyms' }).click();
    await page.getByText('Under pseudonyms, to everybody.').waitFor();
    await page.goto(at('/alerts'));
    await page
      .getByRole('list', { name: 'List of alerts' })
      .getByRole('link', { name: /User anon_/ })
      .first()
      .waitFor();
    await page.goto(at(alertPath));
    await page
      .getByRole('link', { name: /anon_[\w-]{16}/ })
      .first()
      .click();
    await page.getByRole('heading', { name: /^User anon_[\w-]{16}$/ }).waitFor();
    await page.getByRole('table', { name: 'Baselines' }).waitFor();
    expect(await named(victim)).toBe(0);
    expect(page.url()).not.toContain(victim);
  });

  it('is named to who says why, for as long as it is looked at', async () => {
    await page.getByRole('button', { name: 'Reveal the id' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reveal the id' });
    await dialog.getByRole('button', { name: 'Reveal' }).click();
    await dialog.getByText('The audit keeps why.').waitFor();
    await inspect(page, 'privacy-reveal');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('The shop asked who it is');
    await dialog.getByRole('button', { name: 'Reveal' }).click();
    await dialog.getByText(victim, { exact: true }).waitFor();
    await inspect(page, 'privacy-revealed');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await named(victim)).toBe(0);
    await page.goto(at('/audit?action=actor.reveal'));
    await page
      .getByRole('button', { name: /actor\.reveal/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('The shop asked who it is').waitFor();
    await page.keyboard.press('Escape');
    await page.goBack();
  });

  it('is erased everywhere by who types its name once more, and the report says what is left', async () => {
    const shown = await page.getByRole('heading', { name: /^User anon_/ }).innerText();
    const pseudonym = shown.replace('User ', '');
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Erase a user' });
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Asked to be forgotten');
    await dialog.getByRole('textbox', { name: `Type ${pseudonym} to confirm` }).fill(pseudonym.slice(0, -1));
    await page.keyboard.press('Enter');
    await dialog.getByText('This is not the same.').waitFor();
    await inspect(page, 'privacy-erase');
    await dialog.getByRole('textbox', { name: `Type ${pseudonym} to confirm` }).fill(pseudonym);
    await page.keyboard.press('Enter');
    await dialog.getByText(/^Done: [\d,]+ removed\.$/).waitFor({ timeout: 90_000 });
    await dialog.getByRole('region', { name: 'Removed' }).getByText('request history').waitFor();
    await dialog.getByRole('region', { name: 'Left' }).getByText('the audit', { exact: true }).waitFor();
    await inspect(page, 'privacy-erased');
    await page.keyboard.press('Escape');
    await page.goto(at('/privacy'));
    const row = page.getByRole('list', { name: 'Erasures' }).getByRole('listitem').filter({ hasText: pseudonym });
    await row.getByText('done', { exact: true }).waitFor();
    await row.getByText('Asked to be forgotten').click();
    await row.getByRole('region', { name: 'Removed' }).waitFor();
    await inspect(page, 'privacy-erasures');
    expect(faults).toEqual([]);
  }, 150_000);
});
