/** The queue in a real browser, by role and label: keyboard, marking, bulk acts with undo, snooze, history, comments, views, palette. */
import { createService, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../setup/axe.js';
import { openConsole, signInLink } from '../setup/console.js';
import { picture } from '../setup/pictures.js';
import { insertAlert, insertAlertRequest } from '../setup/records.js';
import { openSeeded, type Seeded } from '../setup/seeded.js';

let product: Seeded['product'];
let browser: Seeded['browser'];
let page: Seeded['page'];
let db: Seeded['db'];
let faults: Seeded['faults'];
let seed: Seeded['seed'];
let close: Seeded['close'];

const row = (name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('link', { name: new RegExp(`${name}$`) }) });
const mark = (name: string) => page.getByRole('checkbox', { name: `Mark User ${name}` });
beforeAll(async () => {
  ({ product, browser, page, db, faults, seed, close } = await openSeeded());
  for (const [index, name] of ['anna', 'bert', 'carl', 'dora', 'emil'].entries()) await seed(name, 60 + index);
  await insertAlertRequest(db, await seed('fritz', 120));
  await page.goto(new URL('/alerts?service=orders', product.urls.admin).href);
  await page.getByRole('link', { name: /anna$/ }).waitFor();
}, 240_000);
afterAll(() => close?.());

describe('the queue', () => {
  it('is worked through with the keyboard, and nothing fires while somebody types', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    await row('bert').getByText('Acknowledged').first().waitFor({ state: 'attached' });
    await page.keyboard.press('/');
    await page.keyboard.type('eras');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('searchbox', { name: 'Search alerts' }).fill('');
    await page.getByRole('link', { name: /carl$/ }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => row('carl').getByText('Open').count()).toBeGreaterThan(0);
  });

  it('does nothing while the browser is offline, says so, and does it not later either', async () => {
    await page.context().setOffline(true);
    await row('dora').hover();
    await row('dora').getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('You are offline: nothing was changed.').first().waitFor();
    await page.context().setOffline(false);
    // Long enough for what waited for the network to be sent.
    await page.waitForTimeout(1_000);
    expect(await row('dora').getByText('Open').count()).toBeGreaterThan(0);
    const states = await db.select({ state: schema.alert.state }).from(schema.alert).where(eq(schema.alert.subjectId, 'dora'));
    expect(states).toEqual([{ state: 'open' }]);
  });

  it('does one thing to all that is marked, and takes it back', async () => {
    await mark('carl').click();
    await mark('emil').click({ modifiers: ['Shift'] });
    await page.getByRole('region', { name: 'Marked alerts' }).getByRole('button', { name: 'Snooze…' }).click();
    await picture(page, 'snooze');
    await page.getByRole('button', { name: 'Confirm snooze' }).click();
    await expect.poll(() => page.getByRole('link', { name: /dora$/ }).count()).toBe(0);
    await page.getByRole('listitem').filter({ hasText: '3 alerts snoozed' }).getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: /dora$/ }).waitFor();
    await page
      .getByText(/put back as before/)
      .first()
      .waitFor();
  });

  it('judges all that is marked, and takes the verdict back', async () => {
    const dora = async () => (await db.select().from(schema.alert).where(eq(schema.alert.subjectId, 'dora')))[0];
    const version = (await dora())!.version;
    await mark('carl').click();
    await mark('emil').click({ modifiers: ['Shift'] });
    await page.getByRole('region', { name: 'Marked alerts' }).getByRole('button', { name: 'Resolve…' }).click();
    await page.getByRole('button', { name: 'Confirm resolve' }).click();
    // At once: it is offered for eight seconds.
    await page.getByRole('listitem').filter({ hasText: '3 alerts resolved' }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(async () => (await dora())?.version).toBe(version + 2);
    expect(await dora()).toMatchObject({ state: 'open', verdict: null });
    await page.getByRole('link', { name: /dora$/ }).waitFor();
  });

  it('opens by itself what was acknowledged until a time', async () => {
    const id = await seed('greta', 5);
    const { triageAlerts } = await import('@plimsoll/storage');
    const act = { type: 'acknowledge', until: Date.now() + 500 } as const;
    await db.transaction((tx) => triageAlerts(tx, act, [{ id }], { by: { id: 'per_x', name: 'Night shift' }, now: Date.now() }));
    await page.goto(new URL(`/alerts/${id}`, product.urls.admin).href);
    await page.getByText('The acknowledgement ran out: open again').waitFor();
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).waitFor();
  });

  it('is marked, saved as a view, grouped, and without a violation', async () => {
    await page.goto(new URL('/alerts?service=orders', product.urls.admin).href);
    await mark('anna').click();
    await picture(page, 'queue');
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'By campaign' }).click();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save these filters…' }).click();
    await page.getByLabel('Name').fill('Orders by campaign');
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByText('View saved').waitFor();
    await page.goto(new URL('/alerts', product.urls.admin).href);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Orders by campaign' }).click();
    await expect.poll(() => new URL(page.url()).search).toContain('group=campaign');
  });
});

describe('a list by campaign', () => {
  it('says for how many alerts a row stands, and leads to them', async () => {
    await createService(db, { id: 'stock' }, Date.now());
    const lead = await insertAlert(db, { service: 'stock', kind: 'credential-stuffing', leads: true, subjectId: 'ring' });
    for (const subjectId of ['hanna', 'ivan']) await insertAlert(db, { service: 'stock', subjectId, campaign: lead });
    await insertAlert(db, { service: 'stock', subjectId: 'jana', campaign: lead, state: 'resolved', verdict: 'true-positive' });
    await insertAlert(db, { service: 'stock', subjectId: 'karl' });
    await page.goto(new URL('/alerts?service=stock&group=campaign', product.urls.admin).href);
    const link = row('ring').getByRole('link', { name: '+2 alerts' });
    await link.waitFor();
    expect(
      await page
        .getByRole('link', { name: /alerts$/ })
        .filter({ hasText: '+' })
        .count(),
    ).toBe(1);
    await picture(page, 'campaign');
    expect(await violations(page)).toEqual([]);
    await link.click();
    await row('ivan').waitFor();
    expect([await row('hanna').count(), await row('jana').count(), await row('karl').count()]).toEqual([1, 0, 0]);
    await page.getByRole('button', { name: 'Of one campaign' }).click();
    await row('karl').waitFor();
  });
});

describe('one alert', () => {
  it('is assigned and commented, and tells who did what', async () => {
    await page.goto(new URL('/alerts?service=orders', product.urls.admin).href);
    await page.getByRole('link', { name: /fritz$/ }).click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    // What may be done is known a moment after the alert.
    await page.getByRole('button', { name: 'Assign', exact: true }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Confirm assign' }).click();
    await page.getByText(/assigned it to/).waitFor();
    await page.keyboard.press('c');
    await page.keyboard.type('Seen before <b>twice</b>, @adm');
    await page.getByRole('button', { name: 'Mention @admin' }).click();
    await page.keyboard.type('look');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.getByText('Seen before <b>twice</b>, @admin look').waitFor();
    await page.getByText('admin said to admin').waitFor();
    await page.getByText('The chart as a table').click();
    const table = page.getByRole('table', { name: /^Observed against expected, requests a minute/ });
    expect(await table.getByRole('row').last().allInnerTexts()).toEqual([expect.stringMatching(/UTC\s+80\s+10\s+20$/)]);
    await page.keyboard.press('s');
    await page.keyboard.press('Escape');
    await picture(page, 'alert');
    expect(await violations(page)).toEqual([]);
  });

  it('is reached by the command palette, from anywhere', async () => {
    await page.goto(new URL('/decisions', product.urls.admin).href);
    await page.getByRole('heading', { name: 'Decisions' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command' }).fill('emil');
    await page.getByRole('option', { name: /: User emil/ }).waitFor();
    await picture(page, 'palette');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /emil/ }).waitFor();
    await expect.poll(() => page.title()).toMatch(/^\(\d+\+?\) /);
    expect(faults).toEqual([]);
  });

  it('tells a member who is mentioned, until that member answers', async () => {
    const program = await openConsole(product);
    const { items } = await program.call('assignees');
    const mentions = items.filter(({ name }) => name === 'admin').map(({ id }) => id);
    // What waited before is no news: that is known first.
    const known = page.waitForResponse(/mentioned=unanswered/);
    await page.goto(new URL('/decisions', product.urls.admin).href);
    await page.getByText('Live', { exact: true }).waitFor();
    await (await known).finished();
    const [asked] = await db.select().from(schema.alert).where(eq(schema.alert.subjectId, 'dora'));
    await program.call('comment', { params: { id: asked!.id }, body: { text: 'Yours, @admin?', mentions } });
    await page
      .getByRole('listitem')
      .filter({ hasText: 'A comment mentions you' })
      .getByRole('button', { name: 'Show', exact: true })
      .click();
    await page.getByRole('link', { name: '1 mention waits for you' }).waitFor();
    await page.getByRole('link', { name: /dora$/ }).click();
    await page.getByText('Yours, @admin?').waitFor();
    await picture(page, 'mentioned');
    await page.getByRole('textbox', { name: 'Comment' }).fill('Yes.');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.getByRole('link', { name: /mention waits/ }).waitFor({ state: 'detached' });
  });

  it('begins another page at its heading, for ears and for Tab', async () => {
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Services' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Services', level: 1 }).waitFor();
    await expect.poll(focused).toBe('Services');
    // Where the page takes the focus itself, it stays.
    const searching = async () => {
      await page.keyboard.type('gf');
      return page
        .getByRole('heading', { name: 'Search', level: 1 })
        .waitFor({ timeout: 3_000 })
        .then(
          () => true,
          () => false,
        );
    };
    await expect.poll(searching, { timeout: 30_000 }).toBe(true);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
  });

  it('says where requests would be looked up that no history is kept, and what to do', async () => {
    await page.goto(new URL('/investigate?service=orders', product.urls.admin).href);
    await page.getByText('No history can be searched').waitFor();
    await page.getByText(/or start without --no-history/).waitFor();
    expect(await violations(page)).toEqual([]);
    // No fault, nothing to try again: whom it was with and at which hours is not known here.
    await page.goto(new URL('/subject?service=orders&type=actor&id=anna', product.urls.admin).href);
    await expect.poll(() => page.getByText('No history to show').count()).toBe(2);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });
});

describe('who reads otherwise', () => {
  it('has numbers by the language of the browser, and times in its zone or in one that was chosen, each with its distance to UTC', async () => {
    const elsewhere = await browser.newContext({ locale: 'de-DE', timezoneId: 'Asia/Kolkata' });
    const tab = await elsewhere.newPage();
    tab.on('pageerror', (error) => faults.push(String(error)));
    await tab.goto(await signInLink(product));
    await tab.getByRole('heading', { name: 'Overview' }).waitFor();
    const [at, open] = [Date.now(), (path: string) => tab.goto(new URL(path, product.urls.admin).href)];
    const figures = { count: 4_567, observed: 110, limit: 20.5 };
    const id = await insertAlert(db, { service: 'orders', subjectId: 'reader', firstAt: at, lastAt: at, ...figures });
    await open('/alerts?service=orders&state=open');
    await tab.getByText('4.567 requests').waitFor();
    await open(`/alerts/${id}`);
    await tab.getByText('20,5', { exact: true }).waitFor();
    await tab
      .getByText(/\d{2}:\d{2}:\d{2} UTC\+5:30$/)
      .filter({ visible: true })
      .first()
      .waitFor();
    await tab.getByRole('link', { name: 'Times in UTC+5:30' }).first().click();
    const zone = tab.getByRole('combobox', { name: 'Time zone' });
    await zone.selectOption('America/St_Johns');
    await tab
      .getByRole('link', { name: /^Times in UTC-[23]:30$/ })
      .first()
      .waitFor();
    const beside = await elsewhere.newPage();
    beside.on('pageerror', (error) => faults.push(String(error)));
    await beside.goto(new URL(`/alerts/${id}`, product.urls.admin).href);
    const other = /UTC-[23]:30/;
    await beside.getByRole('link', { name: other }).first().waitFor();
    await zone.selectOption('UTC');
    // The tab beside it follows at once, wherever it has a time.
    await beside.getByRole('link', { name: 'Times in UTC', exact: true }).first().waitFor();
    expect(await beside.getByText(other).count()).toBe(0);
    await beside.close();
    await tab
      .getByText(/\d{2}:\d{2}:\d{2} UTC$/)
      .filter({ visible: true })
      .first()
      .waitFor();
    expect(await violations(tab)).toEqual([]);
    await open(`/alerts/${id}`);
    await tab.getByRole('link', { name: 'Times in UTC', exact: true }).first().waitFor();
    await tab
      .getByText(/\d{2}:\d{2}:\d{2} UTC$/)
      .filter({ visible: true })
      .first()
      .waitFor();
    await elsewhere.close();
  });
});
