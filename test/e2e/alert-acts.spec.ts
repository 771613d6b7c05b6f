/** One alert in a real browser: taken along as files, snoozed until it differs, challenged, put on the allow-list, and a lift that is refused. */
import { readFile } from 'node:fs/promises';
import { createService, schema, wakeSiblings } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from '../setup/desk.js';
import { inspect } from '../setup/looks.js';
import { insertAlertRequest, insertHeld, T0 } from '../setup/records.js';
import { refuse } from '../setup/refusal.js';

let desk: Desk;
let page: Page;

const button = (name: string) => page.getByRole('button', { name, exact: true });
const decisionsOf = (subject: string) =>
  desk.db.select().from(schema.decision).where(eq(schema.decision.subjectId, subject)).orderBy(schema.decision.version);

/** An alert's own page, once it says what may be done. */
async function opened(subjectId: string, values: Parameters<Desk['seed']>[2] = {}): Promise<string> {
  const id = await desk.seed(subjectId, 0, { service: 'shop', ...values });
  await visited(id);
  return id;
}
async function visited(id: string): Promise<void> {
  await desk.open(`/alerts/${id}`);
  await button('Block').waitFor();
}
/** @param name of the button that asks for it. @returns the text of the file, and its name */
async function saved(name: string): Promise<[name: string, text: string]> {
  const [download] = await Promise.all([page.waitForEvent('download'), button(name).click()]);
  return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
}

beforeAll(async () => {
  desk = await openDesk();
  page = desk.page;
  await createService(desk.db, { id: 'shop' }, Date.now());
}, 240_000);
afterAll(() => desk?.close());

describe('one alert', () => {
  it('is taken along as JSON, and its requests as CSV that no spreadsheet runs', async () => {
    const id = await desk.seed('exporter', 0, { service: 'shop' });
    for (let index = 0; index < 99; index += 1) await insertAlertRequest(desk.db, id, { ts: T0 + index, path: `/p/${index}` });
    await insertAlertRequest(desk.db, id, { ts: T0 + 99, path: '/a,"b"', userAgent: '=cmd|calc', actor: 'exporter' });
    await visited(id);
    const [jsonName, json] = await saved('Export JSON');
    expect(jsonName).toBe(`${id}.json`);
    const detail = JSON.parse(json);
    expect(detail).toMatchObject({ alert: { id, subject: { type: 'actor', id: 'exporter' }, limit: 20, observed: 80 } });
    expect(detail.requests).toHaveLength(100);
    const [csvName, csv] = await saved('Export requests as CSV');
    expect(csvName).toBe(`${id}.csv`);
    const [head = '', ...lines] = csv.trimEnd().split('\r\n');
    expect(head.split(',').slice(0, 4)).toEqual(['id', 'ts', 'method', 'path']);
    expect(new Set(lines.map((line) => line.split(',')[0])).size).toBe(100);
    expect(lines.find((line) => line.includes('calc'))).toMatch(/,GET,"\/a,""b""",GET \/products,200,.*,'=cmd\|calc,exporter,/);
    expect(lines.filter((line) => line.includes(new Date(T0 + 98).toISOString()))).toHaveLength(1);
  });

  it('sleeps until it differs, and comes back by itself with its cause', async () => {
    const id = await opened('sleeper');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.keyboard.press('s');
    const dialog = page.getByRole('dialog', { name: 'Snooze' });
    await dialog.getByLabel('Ends').selectOption({ label: 'No end' });
    expect(await dialog.getByRole('checkbox', { name: /Wake me when it differs/ }).isChecked()).toBe(true);
    await inspect(page, 'snooze');
    await button('Confirm snooze').click();
    await page.getByText('admin snoozed it until it differs').waitFor();
    await expect.poll(() => button('Acknowledge').count()).toBe(1);
    await expect.poll(() => button('Open again').count()).toBe(0);
    // As a worker does that finds something else about the same user.
    const other = await desk.seed('sleeper', 0, { service: 'shop', kind: 'scraping' });
    const woken = await desk.db.transaction(async (tx) => {
      const [row] = await tx.select().from(schema.alert).where(eq(schema.alert.id, other));
      return row ? wakeSiblings(tx, row, Date.now()) : [];
    });
    expect(woken.map((alert) => alert.id)).toEqual([id]);
    await desk.tell(id);
    await page.getByText('Woke up: another kind was found about the same one').waitFor();
    await desk.open('/alerts?state=open&service=shop');
    await page.getByRole('link', { name: /Rate: User sleeper$/ }).waitFor();
  });

  it('has its user prove itself', async () => {
    await opened('doubtful');
    await page.keyboard.press('h');
    const dialog = page.getByRole('dialog', { name: 'Challenge user' });
    await dialog.getByText(/until the user has proved itself/).waitFor();
    await dialog.getByLabel('Where').selectOption({ label: 'Only GET /products' });
    await inspect(page, 'challenge');
    await button('Confirm challenge').click();
    await dialog.waitFor({ state: 'detached' });
    await page
      .getByRole('listitem')
      .filter({ has: button('Lift') })
      .filter({ hasText: 'Challenge' })
      .filter({ hasText: 'GET /products' })
      .waitFor();
    expect(await decisionsOf('doubtful')).toMatchObject([
      { action: 'challenge', mode: 'enforced', endpoint: 'GET /products', liftedAt: null },
    ]);
  });

  it('puts its user on the allow-list, which ends what held it', async () => {
    const id = await desk.seed('friend', 0, { service: 'shop' });
    await insertHeld(desk.db, id, { subject: { type: 'actor', id: 'friend' } });
    await visited(id);
    await button('Allow…').click();
    const dialog = page.getByRole('dialog', { name: 'Put on the allow-list' });
    await dialog.getByText('What holds it back now (block) ends.').waitFor();
    await inspect(page, 'allow');
    await button('Confirm allow').click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(async () => (await decisionsOf('friend'))[0]?.liftedAt).toBeGreaterThan(0);
    await page.getByText('lifted by').first().waitFor();
    await button('Allow…').click();
    await dialog.getByText('It is on the list already.').waitFor();
    expect(await button('Confirm allow').isDisabled()).toBe(true);
    await desk.open('/services/shop/settings');
    await expect.poll(() => page.getByLabel('Users').first().inputValue()).toBe('friend');
  });

  it('shows a lift that the server refuses as done, then as it was, and lifts the next time', async () => {
    const id = await desk.seed('held', 0, { service: 'shop' });
    const origin = { type: 'person', id: 'per_x', name: 'Night shift' } as const;
    await insertHeld(desk.db, id, { subject: { type: 'actor', id: 'held' }, origin });
    await visited(id);
    const refusal = await refuse(page, '**/api/decisions/*/lift', 409, 'Somebody was faster.');
    const lift = async () => {
      await button('Lift').click();
      await page.getByRole('dialog', { name: 'Lift block' }).getByLabel('Reason (optional)').fill('It was us');
      await button('Confirm lift').click();
    };
    await lift();
    await page.getByText('lifted by admin').first().waitFor();
    refusal.answer();
    await page.getByText('Somebody was faster.').first().waitFor();
    await button('Lift').waitFor();
    expect(await decisionsOf('held')).toMatchObject([{ liftedAt: null }]);
    await refusal.end();
    await lift();
    await expect.poll(async () => (await decisionsOf('held'))[0]?.liftedBy).toBe('admin');
    await desk.open('/audit?action=decision.lift');
    await page
      .getByRole('button', { name: /decision\.lift/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('It was us').first().waitFor();
  });

  it('raised no fault on the page', () => {
    expect(desk.faults).toEqual([]);
  });
});
