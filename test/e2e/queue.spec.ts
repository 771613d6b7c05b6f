/** The queue in a real browser: every key of it, what is new to whom, views that are shared, and what the server refuses. */
import { createService, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from '../setup/desk.js';
import { inspect } from '../setup/looks.js';
import { refuse } from '../setup/refusal.js';

let desk: Desk;
let page: Page;

const linkTo = (name: string, on = page) => on.getByRole('link', { name: new RegExp(`: User ${name}$`) });
const row = (name: string) => page.getByRole('listitem').filter({ has: linkTo(name) });
const mark = (name: string) => page.getByRole('checkbox', { name: `Mark User ${name}` });
const bar = () => page.getByRole('region', { name: 'Marked alerts' });
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name });
const press = (...keys: string[]) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const isAt = (name: string) => expect.poll(() => linkTo(name).evaluate((link) => link === document.activeElement)).toBe(true);
const alertOf = async (subjectId: string) =>
  (await desk.db.select().from(schema.alert).where(eq(schema.alert.subjectId, subjectId)))[0];

/** A queue of its own for each test, so that none needs another. */
async function queue(service: string, ...names: string[]): Promise<void> {
  await createService(desk.db, { id: service }, Date.now());
  for (const [age, name] of names.entries()) await desk.seed(name, 60 + age, { service });
  await desk.open(`/alerts?service=${service}`);
  await linkTo(names.at(-1) ?? '').waitFor();
  // What may be done is known a moment after the list.
  await row(names[0] ?? '')
    .getByRole('button', { name: 'Resolve' })
    .waitFor({ state: 'attached' });
}

beforeAll(async () => {
  desk = await openDesk();
  page = desk.page;
}, 240_000);
afterAll(() => desk?.close());

describe('the keyboard', () => {
  it('walks through the list, marks and unmarks', async () => {
    await queue('keys', 'anna', 'bert', 'carl', 'dora');
    for (const [key, name] of [
      ['j', 'anna'],
      ['j', 'bert'],
      ['j', 'carl'],
      ['k', 'bert'],
    ] as const) {
      await press(key);
      await isAt(name);
    }
    await press('x', 'K');
    await bar().getByText('2 marked').waitFor();
    expect([await mark('anna').isChecked(), await mark('bert').isChecked()]).toEqual([true, true]);
    await press('j', 'J');
    await bar().getByText('3 marked').waitFor();
    await isAt('carl');
    await press('x');
    await bar().getByText('2 marked').waitFor();
    expect(await mark('carl').isChecked()).toBe(false);
    await inspect(page, 'queue-marked');
    await press('Escape');
    await bar().waitFor({ state: 'detached' });
  });

  it('goes by pairs of keys wherever its help says, and does nothing else by them', async () => {
    await queue('pairs', 'emil');
    await press('j');
    await isAt('emil');
    // Were the second key one of its own, `e` would acknowledge at once, and before the mark.
    await page.keyboard.type('gex');
    await bar().getByText('1 marked').waitFor();
    await row('emil').getByText('Open', { exact: true }).first().waitFor({ state: 'attached' });
    await press('?');
    await dialog('Keyboard').getByText('On this page').waitFor();
    await inspect(page, 'keyboard');
    const terms = await dialog('Keyboard').getByRole('term').allInnerTexts();
    const meanings = await dialog('Keyboard').getByRole('definition').allInnerTexts();
    const pairs = terms.flatMap((term, index): [string, string][] =>
      term.startsWith('g ') ? [[term.replace(' ', ''), meanings[index] ?? '']] : [],
    );
    expect(pairs.length).toBeGreaterThan(10);
    await press('Escape');
    await dialog('Keyboard').waitFor({ state: 'detached' });
    // Who comes to the search types there at once.
    for (const [keys, name] of pairs.sort(([one]) => (one === 'gf' ? 1 : -1))) {
      const there = page.getByRole('heading', { level: 1, name, exact: true });
      // The second key counts within a second of the first: a page that is still being drawn may be late for it.
      const typed = async () => {
        await page.keyboard.type(keys);
        return there.waitFor({ timeout: 3_000 }).then(
          () => true,
          () => false,
        );
      };
      await expect.poll(typed, { timeout: 30_000 }).toBe(true);
    }
    expect((await alertOf('emil'))?.state).toBe('open');
  });

  it('resolves all that is marked with one verdict', async () => {
    await queue('verdicts', 'fritz', 'greta', 'hanna');
    await press('j', 'x', 'J', 'r');
    await dialog(/^Resolve/)
      .getByText('2 alerts')
      .waitFor();
    await inspect(page, 'resolve');
    await dialog(/^Resolve/)
      .getByRole('radio', { name: /False positive/ })
      .check();
    await page.getByRole('button', { name: 'Confirm resolve' }).click();
    await linkTo('fritz').waitFor({ state: 'detached' });
    await linkTo('greta').waitFor({ state: 'detached' });
    await expect.poll(async () => (await alertOf('greta'))?.verdict).toBe('false-positive');
    expect(await alertOf('fritz')).toMatchObject({ state: 'resolved', verdict: 'false-positive', resolvedBy: 'admin' });
    expect(await alertOf('hanna')).toMatchObject({ state: 'open', verdict: null });
  });

  it('blocks whom one stands at, assigns, acknowledges with a reason, opens and leads back', async () => {
    await queue('acts', 'ivan', 'jana');
    await press('j', 'b');
    await dialog('Block user')
      .getByText(/User ivan in acts/)
      .waitFor();
    await inspect(page, 'block');
    await page.getByRole('button', { name: 'Confirm block' }).click();
    await dialog('Block user').waitFor({ state: 'detached' });
    const made = await desk.db.select().from(schema.decision).where(eq(schema.decision.subjectId, 'ivan'));
    expect(made).toMatchObject([{ action: 'block', service: 'acts', alertId: (await alertOf('ivan'))?.id, mode: 'enforced' }]);
    await press('j', 'a');
    await inspect(page, 'assign');
    await page.getByRole('button', { name: 'Confirm assign' }).click();
    await row('jana').getByText('admin', { exact: true }).waitFor();
    await press('E');
    await dialog(/^Acknowledge/)
      .getByLabel(/^Why/)
      .fill('Their own load test');
    await dialog(/^Acknowledge/)
      .getByLabel('Opens again')
      .selectOption({ index: 1 });
    await inspect(page, 'acknowledge');
    await page.getByRole('button', { name: 'Confirm acknowledge' }).click();
    await row('jana').getByText('Acknowledged').first().waitFor({ state: 'attached' });
    await isAt('jana');
    await press('Enter');
    await page.getByText('Their own load test').first().waitFor();
    expect(await alertOf('jana')).toMatchObject({ state: 'acknowledged', note: 'Their own load test' });
    expect((await alertOf('jana'))?.until).toBeGreaterThan(Date.now());
    await press('u');
    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor();
  });
});

describe('what is new', () => {
  it('is marked until it was looked at, one by one or all at once', async () => {
    await queue('news', 'karl', 'lena', 'mara');
    const unseen = () => page.getByRole('link', { name: /^New, / }).count();
    await expect.poll(unseen).toBe(3);
    const saw = page.waitForResponse((answer) => answer.url().endsWith('/api/seen') && answer.request().method() === 'POST');
    await linkTo('karl').click();
    await page.getByRole('heading', { level: 1, name: /karl/ }).waitFor();
    await saw;
    await desk.open('/alerts?service=news');
    await linkTo('mara').waitFor();
    await expect.poll(unseen).toBe(2);
    const marked = page.waitForResponse((answer) => answer.url().endsWith('/api/seen') && answer.request().method() === 'POST');
    await page.getByRole('button', { name: 'Mark all as seen' }).click();
    await expect.poll(unseen).toBe(0);
    await page.getByRole('button', { name: 'Mark all as seen' }).waitFor({ state: 'detached' });
    await marked;
    await desk.seed('nina', -5, { service: 'news' });
    await page.reload();
    await linkTo('nina').waitFor();
    await expect.poll(unseen).toBe(1);
  });
});

describe('a view that is shared', () => {
  it('is in everybody’s menu, leads to the same list, and is removed by who saved it alone', async () => {
    await queue('views', 'olga', 'paul');
    await page.getByRole('button', { name: 'Severity' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'High' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save these filters…' }).click();
    await dialog('Save view').getByLabel('Name').fill('Grave views');
    await dialog('Save view').getByLabel('Share it with everybody').check();
    await inspect(page, 'save-view');
    await page.getByRole('button', { name: 'Save view' }).click();
    await dialog('Save view').waitFor({ state: 'detached' });
    const other = await desk.invite('Olive', 'analyst');
    await other.goto(desk.url('/alerts'));
    await other.getByRole('button', { name: 'Views' }).click();
    await other.getByRole('menuitem', { name: /Grave views.*admin/ }).waitFor();
    expect(await other.getByRole('menuitem', { name: 'Remove a view…' }).count()).toBe(0);
    await other.getByRole('menuitem', { name: /Grave views/ }).click();
    await linkTo('paul', other).waitFor();
    expect(Object.fromEntries(new URL(other.url()).searchParams)).toEqual({ service: 'views', severity: 'high' });
    await other.context().close();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Remove a view…' }).click();
    await inspect(page, 'your-views');
    await page.getByRole('button', { name: 'Remove Grave views' }).click();
    await page.getByRole('button', { name: 'Remove Grave views' }).waitFor({ state: 'detached' });
  });
});

describe('what the server refuses', () => {
  it('is shown as done, then as it was, with what the server says', async () => {
    await queue('refused', 'rosa');
    const refusal = await refuse(page, '**/api/triage', 500, 'The disk is full.');
    await row('rosa').hover();
    await row('rosa').getByRole('button', { name: 'Acknowledge' }).click();
    await row('rosa').getByText('Acknowledged').first().waitFor({ state: 'attached' });
    refusal.answer();
    await page.getByText('The disk is full.').first().waitFor();
    await row('rosa').getByText('Open', { exact: true }).first().waitFor({ state: 'attached' });
    expect((await alertOf('rosa'))?.state).toBe('open');
    await refusal.end();
    await row('rosa').getByRole('button', { name: 'Acknowledge' }).click();
    await expect.poll(async () => (await alertOf('rosa'))?.state).toBe('acknowledged');
  });

  it('none of it raised a fault on the page', () => {
    expect(desk.faults).toEqual([]);
  });
});
