/** Running the product in a real browser: orders by hand, keys of a service, people and their roles, endpoints that stand out, settings. */
import { createService, listMembers, schema, setTwoPersons } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from '../setup/desk.js';
import { log } from '../setup/ingest-server.js';
import { inspect } from '../setup/looks.js';
import { insertMinute } from '../setup/records.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
let desk: Desk;
let page: Page;

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name });
const rowOf = (text: string) => page.getByRole('row').filter({ hasText: text });

/** Status of a batch that is sent with a key. */
const send = async (key: string) => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const init = { method: 'POST', headers, body: JSON.stringify({ requests: [log()] }) };
  const answer = await fetch(new URL('/v1/requests', desk.product.urls.ingest), init);
  await answer.arrayBuffer();
  return answer.status;
};
/** Secrets of keys that were revoked a while ago: for some seconds the door believes what it knows. */
const revoked: string[] = [];

beforeAll(async () => {
  desk = await openDesk();
  page = desk.page;
  await createService(desk.db, { id: 'shop' }, Date.now() - 30 * DAY_MS);
}, 240_000);
afterAll(() => desk?.close());

describe('an order by hand', () => {
  it('needs whom, is made about an address, is extended, lifted with a reason, and stays on record', async () => {
    await desk.open('/decisions');
    await button('New decision').and(page.locator(':enabled')).waitFor();
    await page.keyboard.press('n');
    await dialog('New decision').getByLabel('Whom').selectOption({ label: 'Address' });
    await dialog('New decision').getByRole('spinbutton', { name: 'Requests' }).fill('5');
    await dialog('New decision').getByLabel('For', { exact: true }).selectOption({ index: 0 });
    await dialog('New decision').getByLabel('Reason').fill('Crawls without a pause');
    await button('Confirm throttle').click();
    await dialog('New decision').getByRole('alert').waitFor();
    await inspect(page, 'new-decision');
    await dialog('New decision').getByLabel('IP address').fill('192.0.2.99');
    await button('Confirm throttle').click();
    await dialog('New decision').waitFor({ state: 'detached' });
    // On a phone the reason has no column of its own; it is not left out.
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      await rowOf('192.0.2.99').getByText('Crawls without a pause').filter({ visible: true }).waitFor();
    }
    const made = () => desk.db.select().from(schema.decision).where(eq(schema.decision.subjectId, '192.0.2.99'));
    expect(await made()).toMatchObject([
      { action: 'throttle', subjectType: 'address', rate: { requests: 5 }, origin: { type: 'person', name: 'admin' } },
    ]);
    await page.getByRole('radio', { name: 'Ending soon' }).click();
    await rowOf('192.0.2.99').getByRole('button', { name: 'Extend' }).click();
    await dialog('Extend throttle').waitFor();
    await inspect(page, 'extend');
    await button('Cancel').click();
    await rowOf('192.0.2.99').getByRole('button', { name: 'Lift' }).click();
    await dialog('Lift throttle').getByLabel('Reason (optional)').fill('It has stopped');
    await inspect(page, 'lift');
    await button('Confirm lift').click();
    await rowOf('192.0.2.99').waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Ended' }).click();
    await rowOf('192.0.2.99').getByText('lifted by admin').waitFor();
    expect(await made()).toMatchObject([{ liftedBy: 'admin' }]);
  });
});

describe('keys of a service', () => {
  const shown = async (name: string) => {
    const text = await dialog(name)
      .getByText(/^plim_[\w-]+$/)
      .innerText();
    await page.keyboard.press('Escape');
    await dialog(name).waitFor({ state: 'detached' });
    return text;
  };

  it('are made, rotated so that both open the door, and revoked so that neither does', async () => {
    await desk.open('/services/shop');
    await page.getByText('No key yet').waitFor();
    await button('New key').click();
    await dialog('New key').getByLabel('Name', { exact: true }).fill('pods');
    await inspect(page, 'new-key');
    await button('Create key').click();
    const first = await shown('New key');
    expect(await send(first)).toBe(202);
    await rowOf('pods').getByRole('button', { name: 'Rotate' }).click();
    await dialog('Rotate key').getByLabel('Overlap in hours').fill('2');
    await inspect(page, 'rotate-key');
    await button('Make the new key').click();
    const second = await shown('Rotate key');
    expect([await send(first), await send(second)]).toEqual([202, 202]);
    await expect.poll(() => rowOf('pods').count()).toBe(2);
    await rowOf('pods')
      .getByText(/^ends /)
      .waitFor();
    for (const left of [1, 0]) {
      await rowOf('pods').getByRole('button', { name: 'Revoke' }).first().click();
      if (left === 1) await inspect(page, 'revoke-key');
      await button('Confirm revoke').click();
      await expect.poll(() => rowOf('pods').getByRole('button', { name: 'Revoke' }).count()).toBe(left);
    }
    revoked.push(first, second);
  });
});

describe('people', () => {
  it('get another role, which ends their sessions, and are shut out and let in again', async () => {
    const other = await desk.invite('Olive', 'analyst');
    await desk.open('/members');
    await button('Edit Olive').click();
    await dialog('Olive').getByLabel('Role').selectOption('viewer');
    await inspect(page, 'member');
    await button('Save').click();
    await page.getByText('Saved', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await rowOf('Olive')
      .getByRole('cell', { name: /^viewer/ })
      .waitFor();
    await other.goto(desk.url('/alerts'));
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    const stateOf = async () => (await listMembers(desk.db, Date.now())).find(({ name }) => name === 'Olive')?.state;
    for (const [act, word] of [
      ['Disable', 'disabled'],
      ['Enable', 'active'],
    ] as const) {
      await button('Edit Olive').click();
      await button(act).click();
      await button(act === 'Disable' ? 'Enable' : 'Disable').waitFor();
      await page.keyboard.press('Escape');
      await rowOf('Olive').getByText(word, { exact: true }).waitFor();
      expect(await stateOf()).toBe(word);
    }
    await other.context().close();
  });

  it('are two where detection is blinded: one asks, another approves, and the first carries it out', async () => {
    const other = await desk.invite('Bob', 'owner', true);
    await desk.open('/members');
    await button('Require').click();
    await page.getByText('needs the word of another owner').waitFor();
    await desk.open('/services/shop');
    await button('Back to a dry run').click();
    await page.getByText('Another owner has to approve this first').first().waitFor();
    const dryRun = async () => (await desk.db.select().from(schema.service).where(eq(schema.service.id, 'shop')))[0]?.dryRun;
    expect(await dryRun()).toBe(false);
    await desk.open('/members');
    const waiting = (on: Page) => on.getByRole('list', { name: 'Actions that wait' }).getByRole('listitem');
    await waiting(page).getByRole('button', { name: 'Take back' }).waitFor();
    expect(await waiting(page).getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await inspect(page, 'second-person');
    await other.goto(desk.url('/members'));
    await waiting(other).getByRole('button', { name: 'Approve' }).click();
    await waiting(other).getByText('approved', { exact: true }).waitFor();
    expect(await dryRun()).toBe(false);
    await page.reload();
    await waiting(page).getByRole('button', { name: 'Carry out' }).click();
    await expect.poll(dryRun).toBe(true);
    await desk.db.transaction((tx) => setTwoPersons(tx, false));
    await other.context().close();
  });
});

describe('endpoints', () => {
  it('are marked that are new, unused or risky, each with its reason', async () => {
    const minute = (daysAgo: number) => Math.floor((Date.now() - daysAgo * DAY_MS) / MINUTE_MS) * MINUTE_MS;
    const insert = (endpoint: string, daysAgo: number, counts: Partial<Parameters<typeof insertMinute>[1]> = {}) =>
      insertMinute(desk.db, { endpoint, minute: minute(daysAgo), ...counts });
    for (const daysAgo of [20, 0.1]) await insert('GET /plain', daysAgo);
    await insert('GET /young', 2);
    await insert('GET /left', 12);
    for (const daysAgo of [20, 0.1]) await insert('POST /guessed', daysAgo, { requests: 100, clientErrors: 40, errors: 0 });
    await desk.open('/services/shop');
    const table = page.getByRole('table', { name: 'Endpoints' });
    const marks = async (endpoint: string) =>
      (await table.getByRole('row').filter({ hasText: endpoint }).getByRole('cell').first().innerText()).replace(/\s+/g, ' ');
    await table.getByRole('link', { name: 'GET /young' }).waitFor();
    expect(await marks('GET /plain')).toBe('GET /plain');
    expect(await marks('GET /young')).toBe('GET /young new : first seen within the last week');
    expect(await marks('GET /left')).toBe('GET /left unused : no request for a week');
    expect(await marks('POST /guessed')).toBe('POST /guessed risky : 40% client errors');
    await table.getByRole('link', { name: 'POST /guessed' }).click();
    await page.getByRole('heading', { level: 1, name: 'POST /guessed' }).waitFor();
    await page.getByText('risky').first().waitFor();
  });
});

describe('settings', () => {
  it('switch a kind to monitoring, take a budget, and hold after a reload', async () => {
    await desk.open('/services/shop/settings');
    const kind = () => page.getByRole('radiogroup', { name: 'Scraping' });
    await kind().getByRole('radio', { name: 'Monitor' }).click();
    await page.getByLabel(/^Alert budget/).fill('7');
    await page.getByText(/^Not saved: /).waitFor();
    await inspect(page, 'settings-changed');
    await button('Save changes').click();
    await page.getByText('Saved. It holds').waitFor();
    const [{ settings } = { settings: undefined }] = await desk.db
      .select()
      .from(schema.service)
      .where(eq(schema.service.id, 'shop'));
    expect(settings).toMatchObject({ kinds: { scraping: 'monitor' }, alertBudget: 7 });
    await page.reload();
    await expect.poll(() => kind().getByRole('radio', { name: 'Monitor' }).isChecked()).toBe(true);
    expect(await page.getByLabel(/^Alert budget/).inputValue()).toBe('7');
  });
});

describe('keys that were revoked', () => {
  it('open the door no more', async () => {
    expect(revoked).toHaveLength(2);
    await expect.poll(() => Promise.all(revoked.map(send)), { timeout: 30_000 }).toEqual([401, 401]);
  });

  it('raised no fault on the page', () => {
    expect(desk.faults).toEqual([]);
  });
});
