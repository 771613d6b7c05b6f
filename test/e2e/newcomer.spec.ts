/**
 * The newcomer's way in a real browser, from `npm start` to an own Express app that is protected and a user of it who is blocked;
 * then the demo attacked from its page, and what stands where there is no such service.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@plimsoll/storage';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { violations } from '../setup/axe.js';
import { openBrowser } from '../setup/browser.js';
import { signInLink } from '../setup/console.js';
import { OwnApp, walk } from '../setup/newcomer.js';
import { addAuthenticator } from '../setup/passkey.js';
import { allStarted, type Product, startProduct } from '../setup/product.js';
import { insertAlert } from '../setup/records.js';

let product: Product;
let browser: Browser;
let page: Page;
let app: OwnApp | undefined;
const faults: string[] = [];
const at = (path: string) => new URL(path, product.urls.admin).href;

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
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  page = await context.newPage();
  await addAuthenticator(page);
  page.on('pageerror', (error) => faults.push(String(error)));
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await app?.stop();
  await product?.stop();
});

/** Nothing for axe to find in either scheme. */
async function expectClean(): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page)).toEqual([]);
  }
}

describe('the newcomer', () => {
  it('protects an own Express app, sees an attack on it and blocks the user, in 15 steps by hand at most', async () => {
    app = await OwnApp.make();
    const way = await walk(page, await signInLink(product), app);
    expect(way.steps.length).toBeLessThanOrEqual(15);
    expect(await app.call('ada')).toBe(200);
  }, 180_000);

  it('finds every step done on coming back, and another key where the first is gone', async () => {
    await page.goto(at('/start?service=my-api'));
    await page.getByText('First request received: GET /orders/:id').waitFor();
    await page.getByText('Decisions are enforced there').waitFor();
    await page.getByRole('link', { name: /User mallory/ }).waitFor();
    for (const name of [/^Name it/, /^Put it into the API/, /^See its first request/, /^See an attack/])
      await expect.poll(() => page.getByRole('heading', { name }).textContent()).toMatch(/, done$/);
    await page.getByRole('link', { name: 'Look at the dry run, then enforce' }).waitFor();
    await expectClean();
    await page.goto(at('/'));
    await page.getByRole('list', { name: 'Health of the pipeline' }).getByRole('link', { name: 'my-api' }).waitFor();
    expect(await page.getByRole('link', { name: 'Protect an API' }).count()).toBe(0);
    await page.goBack();
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByText(/PLIMSOLL_KEY=plim_\w{12}_/).waitFor();
  });

  it('has lines to copy for every framework', async () => {
    for (const [name, line] of [
      ['Fastify', 'app.register(plimsoll)'],
      ['NestJS', 'PlimsollModule.forRoot'],
      ['Koa', 'plimsollKoa('],
      ['Hono', 'plimsollHono('],
      ['node:http', 'plimsollHttp('],
    ] as const) {
      await page.getByLabel('Framework').selectOption({ label: name });
      await page.getByText(line).first().waitFor();
    }
  });
});

describe('whom it met', () => {
  it('is found by a part of the name, and has a page of its own', async () => {
    await page.getByRole('link', { name: 'Search' }).first().click();
    await page.getByLabel('Search for').fill('mallor');
    await page.getByRole('row').filter({ hasText: 'my-api' }).getByRole('link', { name: 'mallory' }).click();
    await page.getByRole('heading', { name: 'User mallory' }).waitFor();
    await page.getByText('it is blocked everywhere').waitFor();
    await page
      .getByRole('table', { name: 'Baselines' })
      .getByRole('link', { name: 'GET /orders/:id' })
      .waitFor({ timeout: 20_000 });
    await page.getByRole('list', { name: 'Alerts' }).getByRole('link').first().waitFor();
    await page.getByRole('list', { name: 'Devices' }).getByText('node').waitFor({ timeout: 60_000 });
    await page.getByRole('table', { name: 'Requests by hour of the week' }).waitFor();
    await expectClean();
  }, 120_000);

  it('has a page for the endpoint, with who calls it', async () => {
    await page.getByRole('table', { name: 'Baselines' }).getByRole('link', { name: 'GET /orders/:id' }).click();
    await page.getByRole('heading', { name: 'GET /orders/:id' }).waitFor();
    await page.getByRole('list', { name: 'Users' }).getByRole('link', { name: 'mallory' }).waitFor({ timeout: 30_000 });
    await page.getByText('First seen').waitFor();
    await page.getByRole('list', { name: 'Held back now' }).getByRole('link', { name: 'User mallory' }).waitFor();
    await page
      .getByText(/^[\d.]+ ± [\d.]+, from [\d.]+ blocks?$/)
      .or(page.getByText('Nothing is learnt yet'))
      .first()
      .waitFor();
    await expectClean();
    await page.goto(at('/services/my-api?endpoint=GET+%2Forders%2F%3Aid'));
    await page.getByRole('heading', { name: 'GET /orders/:id' }).waitFor();
  });

  it('says where nobody is named', async () => {
    await page.goto(at('/subject'));
    await page.getByRole('link', { name: 'Search for somebody' }).click();
    await page.getByLabel('Search for').fill('nobody-by-that-name');
    await page.getByText('Nobody and nothing by that name').waitFor();
  });
});

describe('its alert', () => {
  it('is printed without the frame around it', async () => {
    await page.goto(at('/subject?service=my-api&type=actor&id=mallory'));
    await page.getByRole('list', { name: 'Alerts' }).getByRole('link').first().click();
    // The page left behind has the same sentence in its list: only the alert's own page has this button.
    await page.getByRole('button', { name: 'Print' }).waitFor();
    const sentence = page.getByText(/there would be no alert|would have raised no alert/).first();
    await sentence.waitFor();
    await page.emulateMedia({ media: 'print' });
    onTestFinished(() => page.emulateMedia({ media: null }));
    expect(await sentence.isVisible()).toBe(true);
    expect(await page.getByRole('navigation', { name: 'Main' }).isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Block', exact: true }).isVisible()).toBe(false);
  });
});

describe('what is decided', () => {
  it('is extended by a word, and found by state, by whom and where', async () => {
    await page.goto(at('/decisions?service=my-api&show=ending'));
    const row = page.getByRole('row').filter({ hasText: 'mallory' });
    await row.getByRole('button', { name: 'Extend' }).click();
    const dialog = page.getByRole('dialog', { name: 'Extend block' });
    await dialog.getByLabel('For').selectOption({ label: '7 days' });
    await dialog.getByRole('button', { name: 'Confirm block' }).click();
    await page.getByText('Nothing ends within the hour').waitFor();
    await page.getByRole('radio', { name: 'In force' }).click();
    await row.getByText(/^(7 d|6 d)/).waitFor();
    await page.getByLabel('By').selectOption({ label: 'policies' });
    await page.getByText('Nobody is held back').waitFor();
    await page.getByLabel('By').selectOption({ label: 'people' });
    await page.getByRole('radio', { name: 'Ended' }).click();
    await row.first().waitFor();
    expect(new URL(page.url()).search).toBe('?service=my-api&by=person&show=ended');
    await expectClean();
  });

  it('stands beside the ladders of all services', async () => {
    await page.goto(at('/policies'));
    await page.getByText('dry run: would have blocked').first().waitFor();
    await page.getByText('block 10 min, then block 1 h').first().waitFor();
    await expectClean();
  });

  it('is no longer because of a kind that people found wrong, until a person believes it again', async () => {
    const { databaseUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
    const { db, close } = openDatabase(databaseUrl, { max: 1 });
    const now = Date.now();
    const judged = { state: 'resolved', verdict: 'false-positive', resolvedAt: now, heededAt: now, firstAt: now, lastAt: now };
    for (let index = 0; index < 9; index += 1) {
      const resolvedBy = index % 2 === 0 ? 'Ada' : 'Bob';
      await insertAlert(db, { service: 'my-api', kind: 'scraping', ...judged, resolvedBy });
    }
    await close();
    await page.goto(at('/detection?service=my-api'));
    const row = page.getByRole('row').filter({ hasText: 'Scraping' });
    await row.getByText('demoted').waitFor({ timeout: 40_000 });
    await row.getByText('0%').first().waitFor();
    await expectClean();
    await row.getByRole('button', { name: 'Restore Scraping' }).click();
    await page.getByText('Scraping is believed again').waitFor();
    await row.getByText('not judged yet').waitFor();
  }, 90_000);
});

describe('the demo', () => {
  it('is attacked from its page, and the product is seen to work', async () => {
    await page.goto(at('/services/demo'));
    await page.getByLabel('Attack').selectOption({ label: 'Credential stuffing' });
    await page.getByRole('button', { name: 'Run credential stuffing' }).click();
    await page.getByText('Credential stuffing goes on').waitFor();
    expect(await page.getByRole('button', { name: 'Run credential stuffing' }).isDisabled()).toBe(true);
    await page.getByText(/requests sent, [1-9]\d* refused; the first 4\d\d after/).waitFor({ timeout: 40_000 });
    await expectClean();
    await page.getByRole('link', { name: 'See what it raised' }).click();
    await page
      .getByRole('link', { name: /198\.51\.100\.252/ })
      .first()
      .waitFor({ timeout: 20_000 });
  }, 90_000);
});

describe('the traffic', () => {
  it('leads to the requests of the moment that is clicked, and by a link to those of the whole chart', async () => {
    await page.goto(at('/'));
    await page.getByRole('radio', { name: '24 h' }).click();
    const chart = page.getByRole('img', { name: /^Requests of the last 24 h/ });
    // The page is still being filled, and the chart moves with it; whose requests are meant is known by then.
    const clicked = async () => {
      const box = await chart.boundingBox();
      if (!box) return false;
      const [x, y] = [box.x + box.width * 0.6, box.y + 60];
      await page.mouse.move(x, y);
      if (!(await page.getByText(/ · requests in 15 minutes/).isVisible())) return false;
      await page.mouse.click(x, y);
      return page
        .getByRole('heading', { name: 'Investigate' })
        .waitFor({ timeout: 2_000 })
        .then(
          () => true,
          () => false,
        );
    };
    await expect.poll(clicked, { timeout: 30_000 }).toBe(true);
    const asked = Object.fromEntries(new URL(page.url()).searchParams);
    expect([asked['service'], Number(asked['to']) - Number(asked['from'])]).toEqual(['my-api', 15 * 60_000]);
    await page.goto(at('/services/my-api'));
    await page.getByRole('main').getByRole('link', { name: 'Investigate' }).first().click();
    await page.getByRole('heading', { name: 'Investigate' }).waitFor();
    expect(new URL(page.url()).searchParams.get('service')).toBe('my-api');
  });
});

describe('a service that is not there', () => {
  it('is said not to be there, and offers no settings', async () => {
    await page.goto(at('/services/nope'));
    await page.getByRole('heading', { name: 'Service not found' }).waitFor();
    await page.getByText('There is no such service').waitFor();
    expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
    await page.getByRole('link', { name: 'See all services' }).click();
    await page.getByRole('link', { name: 'my-api' }).waitFor();
    await page.getByRole('link', { name: 'Protect an API' }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of ['Policies', 'Detection', 'Search']) await page.getByRole('link', { name }).waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
    await expectClean();
  });

  it('none of it raised a fault on the page', () => {
    expect(faults).toEqual([]);
  });
});
