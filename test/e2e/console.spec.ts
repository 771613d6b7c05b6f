/**
 * The console in a real browser, by role and label: the overview leads everywhere, one alert says why and whom an order would hit, the
 * queue survives a network that goes away, in every tab, and the bell rings once.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createService,
  type Database,
  findAlert,
  openDatabase,
  openHistory,
  openRedis,
  publishLive,
  type Redis,
  schema,
} from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../setup/axe.js';
import { openBrowser } from '../setup/browser.js';
import { signInLink } from '../setup/console.js';
import { Meddler } from '../setup/meddler.js';
import { picture, snapshot } from '../setup/pictures.js';
import { allStarted, freePorts, type Product, startProduct } from '../setup/product.js';
import { insertAlert, insertAlertRequest } from '../setup/records.js';

let product: Product;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let network: Meddler;
let networkPort: number;
let historyUrl: string;
let db: Database;
let redis: Redis;
let closeDb: () => Promise<void>;
const faults: string[] = [];

/** The service of the demo shop. */
const DEMO = 'demo';

type Values = Parameters<typeof insertAlert>[1];
/** As a worker does: the row, then the word of it. */
async function raise(values: Values): Promise<string> {
  const at = Date.now();
  const id = await insertAlert(db, { service: 'orders', firstAt: at, lastAt: at, ...values });
  await tell(id);
  return id;
}
async function tell(id: string): Promise<void> {
  const alert = await findAlert(db, id);
  if (alert) await publishLive(redis, 'plimsoll', { type: 'alert', alert });
}
/** The worker writes the history behind the alerts. */
async function kept(): Promise<void> {
  const history = openHistory(historyUrl);
  const count = async () => {
    const answer = await history.client.query({ query: 'SELECT count() FROM request_log', format: 'JSONCompactEachRow' });
    return Number((await answer.json<[number]>())[0]?.[0]);
  };
  try {
    await expect.poll(() => count().catch(() => 0), { timeout: 90_000 }).toBeGreaterThan(100);
  } finally {
    await history.close();
  }
}
const linkTo = (name: string, on = page) => on.getByRole('link', { name: new RegExp(`${name}$`) });
const open = (path: string, on = page) => on.goto(new URL(path, product.urls.admin).href);
async function listsEachOnce(on: Page): Promise<void> {
  const names = await on.getByRole('list', { name: 'List of alerts' }).getByRole('link').allTextContents();
  expect(new Set(names).size).toBe(names.length);
}
async function signedIn(): Promise<Page> {
  const made = await context.newPage();
  made.on('pageerror', (error) => faults.push(String(error)));
  return made;
}

beforeAll(async () => {
  const port = await freePorts();
  network = await new Meddler(`http://127.0.0.1:${port}`).start();
  networkPort = Number(new URL(network.url).port);
  // The browser's way to the console can be cut; its address stays the same.
  const way = `--host-resolver-rules=MAP localhost:${port} 127.0.0.1:${networkPort}`;
  await allStarted(
    startProduct({ port }).then((started) => {
      product = started;
    }),
    openBrowser(way).then((started) => {
      browser = started;
    }),
  );
  const run = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
  const { databaseUrl, redisUrl } = run;
  historyUrl = run.historyUrl;
  const database = openDatabase(databaseUrl, { max: 3 });
  [db, closeDb] = [database.db, database.close];
  redis = openRedis(redisUrl, 'test');
  await createService(db, { id: 'orders' }, Date.now());
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['notifications'] });
  page = await signedIn();
  await page.goto(await signInLink(product));
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  redis?.disconnect();
  await closeDb?.();
  await network?.stop();
  await product?.stop();
});

describe('the overview', () => {
  it('shows by itself who deviates, where, and by which kind, and leads there', async () => {
    await raise({ subjectId: 'mallory', severity: 'critical', kind: 'probing', observed: 90, endpoint: 'GET /admin' });
    await page
      .getByRole('list', { name: 'Open alerts by kind' })
      .getByRole('link', { name: /^Probing \d+ open/ })
      .waitFor();
    await page.getByRole('list', { name: 'Furthest from normal' }).getByRole('link', { name: 'User mallory' }).waitFor();
    await page.getByRole('list', { name: 'Health of the pipeline' }).getByText('Lag').click();
    await page.getByText('How long the oldest batch waits for a worker').waitFor();
    await picture(page, 'overview', true);
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('radio', { name: 'Where' }).click();
    await page.getByRole('list', { name: 'Furthest from normal' }).getByRole('link', { name: 'GET /admin' }).click();
    await page.getByRole('heading', { name: /GET \/admin/ }).waitFor();
    await page.goBack();
    await page.getByRole('list', { name: 'Furthest from normal' }).getByRole('link', { name: 'User mallory' }).click();
    await page.getByRole('heading', { name: /mallory/ }).waitFor();
    await page.goBack();
    await page
      .getByRole('list', { name: 'Open alerts by kind' })
      .getByRole('link', { name: /^Probing/ })
      .click();
    await linkTo('mallory').waitFor();
    expect(new URL(page.url()).search).toContain('kind=probing');
  });
});

describe('one alert', () => {
  it('says why it is so grave, shows a request in full, and whom an order would have hit', async () => {
    const id = await raise({ subjectId: 'trudy', observed: 110, limit: 20, severity: 'high' });
    await insertAlertRequest(db, id, { path: `/products/${'x'.repeat(400)}`, ip: '192.0.2.77', actor: 'trudy' });
    await kept();
    await open(`/alerts/${id}`);
    await page.getByRole('button', { name: 'High: why?' }).click();
    await page.getByRole('dialog').getByText('110 requests a minute against a limit of 20: 5.5 times the limit.').waitFor();
    await picture(page, 'severity');
    await page.keyboard.press('Escape');
    const table = page.getByRole('table', { name: 'Requests' });
    const box = await table.boundingBox();
    const inside = await table.getByRole('row').last().boundingBox();
    expect((inside?.x ?? 0) + (inside?.width ?? 0)).toBeLessThanOrEqual((box?.x ?? 0) + (box?.width ?? 0));
    await table.getByRole('button').first().click();
    await page.getByRole('dialog').getByText('192.0.2.77').waitFor();
    await page.getByRole('link', { name: 'Around it, of this address' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Throttle' }).click();
    const harm = page.getByRole('region', { name: 'What it would have done' });
    await harm.getByText('In the last 14 days it would have refused nothing.').waitFor();
    await harm.getByText('In the last 14 days this limit would have hit nobody.').waitFor();
    await page.getByRole('spinbutton', { name: 'Requests' }).fill('');
    await harm.getByText('Nothing to be said yet.').first().waitFor();
    await picture(page, 'harm');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Allow…' }).click();
    await page.getByText('1 alert is known about it, 1 of them high or critical.').waitFor();
    await page.getByText('In the last 14 days it made no requests.').waitFor();
    await picture(page, 'allow');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await picture(page, 'one-alert', true);
  });
});

describe('harm', () => {
  it('names those whom a limit would have hit, out of the traffic of the demo shop, and then who enforces it', async () => {
    const id = await raise({ service: DEMO, subjectId: 'user-07' });
    await kept();
    await open(`/alerts/${id}`);
    await page.getByRole('button', { name: 'Throttle' }).click();
    await page.getByRole('spinbutton', { name: 'Requests' }).fill('1');
    const harm = page.getByRole('region', { name: 'What it would have done' });
    await harm.getByText(/this limit would have hit \d+ users?: /).waitFor();
    const names = harm.getByRole('list', { name: 'Whom the limit would have hit' });
    await names
      .getByRole('link', { name: /^user-\d+$/ })
      .first()
      .waitFor();
    await picture(page, 'harm');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Confirm throttle' }).click();
    await page.getByText(/1 of 1 instance enforces it/).waitFor();
  });
});

describe('a network that goes away', () => {
  it('costs no alert and doubles none, in every tab, and what was taken meanwhile is gone everywhere', async () => {
    const taken = await raise({ subjectId: 'taken' });
    const grows = await raise({ subjectId: 'grows' });
    await open('/alerts?service=orders&state=open');
    const other = await signedIn();
    await open('/alerts?service=orders&state=open', other);
    for (const tab of [page, other]) {
      await linkTo('taken', tab).waitFor();
      await tab.getByText('Live', { exact: true }).waitFor();
    }
    await network.stop();
    for (const tab of [page, other]) await tab.getByText(/The live channel is down/).waitFor();
    for (const subjectId of ['missed-one', 'missed-two']) await raise({ subjectId });
    await db.update(schema.alert).set({ state: 'resolved', resolvedAt: Date.now() }).where(eq(schema.alert.id, taken));
    await db.update(schema.alert).set({ count: 4_321 }).where(eq(schema.alert.id, grows));
    await network.start(networkPort);
    await raise({ subjectId: 'after' });
    // The word of one comes again, as after a hiccup.
    await tell(grows);
    for (const tab of [page, other]) {
      for (const name of ['missed-one', 'missed-two', 'after']) await linkTo(name, tab).waitFor({ timeout: 40_000 });
      await expect.poll(() => linkTo('taken', tab).count()).toBe(0);
      await tab.getByText('4,321 requests').first().waitFor();
      await listsEachOnce(tab);
    }
    await other.close();
  });

  it('is no harder than a laptop that sleeps: halted in the midst of it, the page wakes to all that it missed, once', async () => {
    await open('/alerts?service=orders&state=open');
    await page.getByText('Live', { exact: true }).waitFor();
    const session = await context.newCDPSession(page);
    await session.send('Debugger.enable');
    await page.evaluate('window.beats = 0; setInterval(() => { window.beats += 1; }, 100); 0');
    // Nothing of the page runs from its next beat on: what is frozen by the browser has to be hidden, and a test's page never is.
    await session.send('Debugger.pause');
    await network.stop();
    for (const subjectId of ['slept-one', 'slept-two']) await raise({ subjectId });
    await new Promise((wake) => setTimeout(wake, 4_000));
    await network.start(networkPort);
    await session.send('Debugger.resume');
    // It did sleep: in these seconds it would have had forty.
    expect(await page.evaluate<number>('window.beats')).toBeLessThan(20);
    for (const name of ['slept-one', 'slept-two']) await linkTo(name).waitFor({ timeout: 40_000 });
    await raise({ subjectId: 'awake' });
    await linkTo('awake').waitFor();
    await listsEachOnce(page);
  }, 150_000);

  it('new ones wait for who reads, and come when they are asked for', async () => {
    await open('/alerts?service=orders&state=open');
    await linkTo('after').hover();
    await raise({ subjectId: 'waits' });
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await linkTo('waits').count()).toBe(0);
    await snapshot(page, 'held');
    await page.getByRole('button', { name: '1 new' }).click();
    await linkTo('waits').waitFor();
  });
});

describe('the bell', () => {
  it('is silent until it is turned on, and rings once a campaign, in one tab', async () => {
    const rung: string[] = [];
    await context.exposeFunction('rang', (title: string) => void rung.push(title));
    await context.addInitScript(() => {
      const Real = window.Notification;
      const heard = class extends Real {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          (window as unknown as { rang: (text: string) => void }).rang(`${title}: ${options?.body}`);
        }
      };
      window.Notification = heard;
    });
    await open('/account');
    const box = page.getByRole('checkbox', { name: /^Show a notification/ });
    await box.waitFor();
    expect(await box.isChecked()).toBe(false);
    expect(await page.getByRole('checkbox', { name: /^Play a sound/ }).isChecked()).toBe(false);
    await page.getByText('Live', { exact: true }).waitFor();
    await raise({ subjectId: 'unheard' });
    await box.click();
    await expect.poll(() => box.isChecked()).toBe(true);
    await page.getByRole('checkbox', { name: /^Play a sound/ }).check();
    await picture(page, 'bell');
    expect(await violations(page)).toEqual([]);
    const other = await signedIn();
    await open('/alerts?service=orders', other);
    await other.getByText('Live', { exact: true }).waitFor();
    const lead = await raise({ subjectId: 'leader', severity: 'critical' });
    await raise({ subjectId: 'member', campaign: lead });
    await raise({ subjectId: 'quiet', severity: 'low' });
    await raise({ subjectId: 'last' });
    await expect.poll(() => rung).toEqual(['Critical: Rate: User leader in orders', 'High: Rate: User last in orders']);
    await other.close();
    expect(faults).toEqual([]);
  });
});
