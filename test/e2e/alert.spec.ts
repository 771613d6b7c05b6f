/** One alert in a real browser, by role and label: acknowledged with why and until when, its campaign and all that was done in one history, on paper. */
import { schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { violations } from '../setup/axe.js';
import { type Desk, openDesk } from '../setup/desk.js';
import { picture } from '../setup/pictures.js';
import { insertAlertRequest, insertHeld } from '../setup/records.js';
import { SEEDED } from '../setup/seeded.js';

let seeded: Desk;
let page: Desk['page'];
/** In the list, and never on the page that is being left. */
const row = (name: string) =>
  page
    .getByRole('list', { name: 'List of alerts' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: new RegExp(`${name}$`) }) });
const mark = (name: string) => page.getByRole('checkbox', { name: `Mark User ${name}` });
const history = () => page.getByRole('list', { name: 'History', exact: true });
const clean = async () => expect(await violations(page)).toEqual([]);

beforeAll(async () => {
  seeded = await openDesk();
  page = seeded.page;
}, 240_000);
afterAll(() => seeded?.close());

describe('an acknowledgement', () => {
  const give = async (why: string) => {
    await page.getByLabel('Why (optional)').fill(why);
    await page.getByLabel('Opens again').selectOption('For an hour');
    await picture(page, 'acknowledge');
    await clean();
    await page.getByRole('button', { name: 'Confirm acknowledge' }).click();
  };
  const isSaid = async (why: string) => {
    await history()
      .getByText(/^admin acknowledged it until /)
      .waitFor();
    await history().getByText(why).waitFor();
  };

  it('says why and until when, by the pointer, for one alert and for all that are marked', async () => {
    const id = await seeded.seed('gustav', 30);
    for (const name of ['heidi', 'ines']) await seeded.seed(name, 31);
    await seeded.open(`/alerts/${id}`);
    await page.getByRole('button', { name: 'Acknowledge until…' }).click();
    await give('The nightly batch');
    await isSaid('The nightly batch');
    await page.setViewportSize({ width: 390, height: 844 });
    onTestFinished(() => page.setViewportSize({ width: 1440, height: 900 }));
    await seeded.open(`/alerts?service=${SEEDED}`);
    await mark('heidi').click();
    await mark('ines').click();
    await picture(page, 'marked');
    await page.getByRole('button', { name: 'Acknowledge all until…' }).click();
    await give('Both known');
    await row('ines').getByText('Acknowledged').filter({ visible: true }).waitFor();
    await page.getByRole('link', { name: /heidi$/ }).click();
    await isSaid('Both known');
  });
});

describe('an end', () => {
  it('can be any time of the reader’s clock, ahead and within what the server takes, for a snooze and for a block', async () => {
    await seeded.open(`/alerts/${await seeded.seed('kurt', 50)}`);
    await page.getByRole('button', { name: 'Snooze', exact: true }).click();
    await page.getByLabel('Ends').selectOption('Until another time…');
    const at = page.getByLabel(/^Day and time/);
    await at.fill('2020-01-01T09:00');
    await picture(page, 'snooze-until');
    await clean();
    await page.getByRole('button', { name: 'Confirm snooze' }).click();
    expect(await at.evaluate((field: HTMLInputElement) => field.validity.rangeUnderflow)).toBe(true);
    const wanted = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await at.fill(`${wanted}T17:45`);
    await page.getByRole('button', { name: 'Confirm snooze' }).click();
    await history()
      .getByText(/^admin snoozed it until .*5:45/)
      .waitFor();
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await page.getByLabel('For', { exact: true }).selectOption('Until another time…');
    await at.fill(`${wanted}T18:15`);
    await picture(page, 'block-until');
    await page.getByRole('button', { name: 'Confirm block' }).click();
    await history().getByText('Blocked by admin').waitFor();
    const [made] = await seeded.db
      .select({ until: schema.decision.until })
      .from(schema.decision)
      .where(eq(schema.decision.subjectId, 'kurt'));
    expect(Math.abs((made?.until ?? 0) - Date.parse(`${wanted}T18:15Z`))).toBeLessThan(60_000);
  });
});

describe('a campaign', () => {
  it('is told in the history of each of its alerts, with what was decided, in order of time', async () => {
    const lead = await seeded.seed('ring', 600, { kind: 'credential-stuffing', leads: true });
    for (const [index, name] of ['hanna', 'ivan', 'jana'].entries()) await seeded.seed(name, 500 - index, { campaign: lead });
    await insertHeld(seeded.db, lead, { service: SEEDED, subject: { type: 'actor', id: 'ring' } });
    await seeded.open(`/alerts/${lead}`);
    await page.getByText('Leads a campaign of 3 alerts.').waitFor();
    await expect
      .poll(() => history().getByRole('listitem').allInnerTexts())
      .toEqual([
        expect.stringMatching(/^The alert opened/),
        expect.stringMatching(/^Opened in the campaign: User hanna, User ivan, User jana/),
        expect.stringMatching(/^Blocked by policy block/),
      ]);
    await page.getByText('Live', { exact: true }).waitFor();
    await seeded.tell(await seeded.seed('kira', 0, { campaign: lead }));
    await page.getByText('Leads a campaign of 4 alerts.').waitFor();
    await page.getByRole('list', { name: 'Of the same campaign' }).getByRole('link', { name: /kira$/ }).waitFor();
    await picture(page, 'campaign-history', true);
    await clean();
    await page
      .getByRole('list', { name: 'Of the same campaign' })
      .getByRole('link', { name: /hanna$/ })
      .click();
    await page.getByText(/^Part of a campaign of 4 alerts, led by User ring/).waitFor();
    await page.getByRole('link', { name: 'All alerts of the campaign' }).click();
    await row('jana').waitFor();
    expect(new URL(page.url()).searchParams.get('campaign')).toBe(lead);
  });
});

describe('what cannot be done at once', () => {
  it('is said: a block is asked for one user at a time', async () => {
    for (const name of ['lara', 'milo']) await seeded.seed(name, 20);
    await seeded.open(`/alerts?service=${SEEDED}`);
    await mark('lara').click();
    await page.keyboard.press('b');
    await page
      .getByRole('dialog', { name: 'Block user' })
      .getByText(/^User lara in/)
      .waitFor();
    await page.keyboard.press('Escape');
    await mark('milo').click();
    await page.keyboard.press('b');
    await page.getByText('Block one at a time').first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('link', { name: /lara$/ }).click();
    await page.getByRole('button', { name: 'Block', exact: true }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command' }).fill('comment on this');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Comment' }).evaluate((field) => field === document.activeElement))
      .toBe(true);
    await page.keyboard.press('Escape');
    expect(seeded.faults).toEqual([]);
  });
});

describe('a history that cannot be read', () => {
  it('is no empty one: it is said, and asked for again', async () => {
    const id = await seeded.seed('nora', 15);
    const path = /\/api\/alerts\/[^/]+\/history$/;
    let asked = 0;
    await page.route(path, (call) => {
      asked += 1;
      return call.fulfill({ status: 500, contentType: 'text/plain', body: 'no' });
    });
    onTestFinished(() => page.unroute(path));
    await seeded.open(`/alerts/${id}`);
    const failure = page.getByRole('alert').filter({ hasText: 'What people did is not known now' });
    await failure.waitFor();
    await history().getByText('The alert opened').waitFor();
    const before = asked;
    await failure.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => asked).toBeGreaterThan(before);
  });
});

describe('on paper', () => {
  it('has every request that is kept, on white, whatever the screen is', async () => {
    const id = await seeded.seed('paul', 40);
    for (let nth = 0; nth < 60; nth += 1)
      await insertAlertRequest(seeded.db, id, { ts: 1_790_000_000_000 + nth, path: `/page-${nth}` });
    await seeded.open(`/alerts/${id}`);
    const table = page.getByRole('table', { name: 'Requests' });
    await table.getByRole('button').first().waitFor();
    const drawn = () => table.getByRole('button').count();
    const ink = () => page.evaluate(`getComputedStyle(document.querySelector('h1')).color`);
    const light = await ink();
    await page.evaluate(`document.documentElement.dataset.theme = 'dark'`);
    onTestFinished(() => page.evaluate(`delete document.documentElement.dataset.theme`));
    expect(await drawn()).toBeLessThan(60);
    expect(await ink()).not.toBe(light);
    await page.emulateMedia({ media: 'print' });
    onTestFinished(() => page.emulateMedia({ media: null }));
    await expect.poll(drawn).toBe(60);
    await page.getByText('80 requests a minute against a limit of 20: 4 times the limit.').waitFor();
    const heights = await table.locator('tbody').evaluate((body) => [body.clientHeight, body.scrollHeight]);
    expect(heights[0]).toBe(heights[1]);
    expect(await ink()).toBe(light);
    expect(seeded.faults).toEqual([]);
  });
});
