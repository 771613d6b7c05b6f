/**
 * From a dry run to enforcing in a real browser, with a bouncer that follows the feed: a person adds a service, sees whom its
 * policy would have blocked, enforces it with one click, answers the blocks that wait, and puts somebody on the allow-list.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guard, plimsoll } from '../../libs/sdk/src/index.js';
import { violations } from '../setup/axe.js';
import { openBrowser } from '../setup/browser.js';
import { type Console, openConsole, signInLink } from '../setup/console.js';
import { addAuthenticator, enrol } from '../setup/passkey.js';
import { type Product, startProduct } from '../setup/product.js';

const SERVICE = 'ledger';
let product: Product;
let browser: Browser;
let page: Page;
let console_: Console;
let guard: Guard;
const faults: string[] = [];
const at = (path: string) => new URL(path, product.urls.admin).href;
const verdict = (actor: string) => guard.check({ actor, ip: '192.0.2.7', method: 'GET', path: '/entries' }).verdict;
/** Far beyond the limit of somebody who is new here: a finding of high severity. */
const flood = (actors: string[]) => {
  for (let request = 0; request < 400; request += 1) {
    for (const actor of actors)
      guard.record({ method: 'GET', path: '/entries', route: '/entries', status: 200, ip: '192.0.2.7', actor });
  }
};
const many = Array.from({ length: 12 }, (_, index) => `user-${index}`);

beforeAll(async () => {
  [product, browser] = await Promise.all([startProduct({ args: ['--no-demo'] }), openBrowser()]);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  await addAuthenticator(page);
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(await signInLink(product));
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await enrol(page);
  console_ = await openConsole(product);
}, 180_000);
afterAll(async () => {
  await guard?.close();
  await browser?.close();
  await product?.stop();
});

describe('from a dry run to enforcing', () => {
  it('begins with a dry run where a person adds a service', async () => {
    await page.goto(at('/services'));
    await page.getByRole('button', { name: 'New service' }).first().click();
    await page.getByLabel('Id').fill(SERVICE);
    expect(await page.getByRole('checkbox', { name: /Begin with a dry run/ }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Add service' }).click();
    await page.getByText('The policy holds nobody back').waitFor();
    await page.getByText('Would have blocked 0, throttled 0 in the last 7 days').waitFor();
    const { secret } = await console_.call('createKey', { params: { id: SERVICE }, body: { name: 'e2e' } });
    guard = plimsoll({ url: product.urls.ingest, key: secret, flushMs: 50, onError: ({ message }) => faults.push(message) });
    expect(await guard.ready(10_000)).toBe(true);
  });

  it('says whom the policy would have blocked, and lets them pass', async () => {
    flood(['mallory']);
    await page.getByText(/Would have blocked 1, throttled \d in the last 7 days/).waitFor({ timeout: 40_000 });
    const policy = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Policy', exact: true }) });
    await policy.getByRole('link', { name: 'mallory' }).waitFor();
    expect(verdict('mallory')).toBe('allow');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'All that the dry run decided' }).click();
    await page.getByRole('row').filter({ hasText: 'mallory' }).filter({ hasText: 'Would block' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('enforces with one click', async () => {
    await page.goto(at(`/services/${SERVICE}`));
    await page.getByRole('button', { name: 'Enforce' }).click();
    await page.getByText('What the policy decides reaches the bouncers').waitFor();
    expect(verdict('mallory')).toBe('allow');
    await new Promise((resolve) => setTimeout(resolve, 2_500)); // Workers read policies every two seconds.
    flood(['eve']);
    await expect.poll(() => verdict('eve'), { timeout: 20_000 }).toBe('block');
    expect(verdict('somebody else')).toBe('allow');
  });

  it('holds who claims to be somebody else, and never whom they claim to be', async () => {
    const victim = { actor: 'victim', ip: '203.0.113.5', method: 'GET', path: '/entries' };
    const failed = {
      method: 'POST',
      path: '/login',
      route: '/login',
      status: 401,
      auth: 'failure',
      authenticated: false,
    } as const;
    const refused: string[] = [];
    for (let wave = 0; wave < 5; wave += 1) {
      for (let index = 0; index < 40; index += 1) {
        guard.record({ ...failed, actor: 'victim', ip: '198.51.100.66' });
        guard.record({ ...failed, actor: 'victim', ip: `198.51.100.${index}`, credential: 'forged' });
      }
      guard.record({ ...victim, route: '/entries', status: 200 });
      await new Promise((resolve) => setTimeout(resolve, 300));
      refused.push(guard.check(victim).verdict);
    }
    const attacker = { method: 'POST', path: '/login', actor: 'victim', authenticated: false } as const;
    const stopped = (from: object) => guard.check({ ...attacker, ...from }).verdict;
    await expect.poll(() => stopped({ ip: '198.51.100.66' }), { timeout: 20_000 }).not.toBe('allow');
    await expect.poll(() => stopped({ ip: '192.0.2.200', credential: 'forged' }), { timeout: 20_000 }).not.toBe('allow');
    expect(
      new Set([...refused, guard.check(victim).verdict, guard.check({ ...victim, path: '/login', method: 'POST' }).verdict]),
    ).toEqual(new Set(['allow']));
    const { items } = await console_.call('decisions', { query: { service: SERVICE, subject: 'victim' } });
    expect(items).toEqual([]);
  });

  it('asks a person before many are blocked at once, and blocks whom the person confirms', async () => {
    flood(many);
    await page.getByRole('link', { name: /blocks wait for a person/ }).click({ timeout: 40_000 });
    await page.getByText(/Who is listed is held to its learnt limit meanwhile/).waitFor();
    const waiting = async () => {
      const { items } = await console_.call('decisions', { query: { service: SERVICE, mode: 'pending', active: 'true' } });
      return items.map(({ subject }) => subject.id);
    };
    const blocked = () => many.filter((actor) => verdict(actor) === 'block');
    // The first that waits shows already: the worker has decided about all of them when each is blocked or waits.
    await expect.poll(async () => (await waiting()).length + blocked().length, { timeout: 30_000 }).toBe(many.length);
    const held = await waiting();
    expect(held.length).toBeGreaterThanOrEqual(7);
    expect(blocked()).toHaveLength(many.length - held.length);
    const [first = ''] = held;
    expect(blocked()).not.toContain(first);
    await page.getByRole('button', { name: `Block User ${first}`, exact: true }).click();
    await expect.poll(() => verdict(first), { timeout: 10_000 }).toBe('block');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: `Dismiss all of ${SERVICE}` }).click();
    await page.getByText('Nothing waits for a person').waitFor();
    await page.getByText(/blocks? waits? for a person/).waitFor({ state: 'detached' });
    expect(blocked()).not.toContain(held[1]);
  });

  it('undoes what the policy decided with one click', async () => {
    await page.goto(at('/decisions'));
    const [held = ''] = many.filter((actor) => verdict(actor) === 'block');
    await page
      .getByRole('row')
      .filter({ has: page.getByTitle(held, { exact: true }) })
      .getByRole('button', { name: 'Lift' })
      .click();
    await expect.poll(() => verdict(held), { timeout: 10_000 }).toBe('allow');
    await page.getByRole('radio', { name: 'All' }).click();
    await page.getByText('lifted by admin').first().waitFor();
  });

  it('lets go of who is put on the allow-list, within moments', async () => {
    expect(verdict('eve')).toBe('block');
    await page.goto(at(`/services/${SERVICE}/settings`));
    await page.getByRole('group', { name: 'rule 1' }).getByLabel('Length of step 1 of rule 1').fill('2');
    await page.getByRole('group', { name: 'rule 2' }).getByLabel('Length of step 2 of rule 2').fill('0.5');
    await page.getByLabel('Users').first().fill('eve');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText(/harder or longer than the step before it/).waitFor();
    await page.getByRole('group', { name: 'rule 2' }).getByLabel('Length of step 2 of rule 2').fill('20');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Saved. It holds').waitFor();
    await expect.poll(() => verdict('eve'), { timeout: 10_000 }).toBe('allow');
    const { items } = await console_.call('services');
    expect(items.find(({ id }) => id === SERVICE)?.settings.ladder[0]?.steps[0]).toEqual({ action: 'block', seconds: 120 });
    expect(await violations(page)).toEqual([]);
    const order = { service: SERVICE, action: 'block', subject: { type: 'actor', id: 'eve' }, durationSeconds: 60 } as const;
    await expect(console_.call('decide', { body: { ...order, reason: 'by mistake' } })).rejects.toThrow(
      /409 .*allow-list of ledger/,
    );
  });

  it('keeps requests for as many days as its owner says, and asks before that is fewer', async () => {
    await page.goto(at(`/services/${SERVICE}`));
    const days = page.getByLabel('Kept for, in days');
    const save = page.getByRole('button', { name: 'Save', exact: true });
    await days.fill('1.5');
    await page.getByText('must be a whole number from 1 to 3,650, or empty').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await days.fill('7');
    await save.click();
    const asked = page.getByRole('dialog', { name: 'Keep requests for a shorter time?' });
    await asked.getByText('Requests are kept for 7 days after their receipt.').waitFor();
    expect(await violations(page)).toEqual([]);
    await asked.getByRole('button', { name: 'Save and delete' }).click();
    await asked.waitFor({ state: 'detached' });
    const daysOf = async () => (await console_.call('services')).items.find(({ id }) => id === SERVICE)?.historyDays;
    expect(await daysOf()).toBe(7);
    await days.fill('90');
    await save.click();
    await expect.poll(daysOf).toBe(90);
    expect(await violations(page)).toEqual([]);
  });

  it('ran without a fault on the page or in the bouncer', () => {
    expect(faults).toEqual([]);
  });
});
