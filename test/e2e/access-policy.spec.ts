/** The access policy in a real browser: written in a form, tried, saved with a passkey, found again in the form, and what the form cannot say as a text. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../setup/browser.js';
import { signInLink } from '../setup/console.js';
import { inspect } from '../setup/looks.js';
import { addAuthenticator, enrol } from '../setup/passkey.js';
import { allStarted, type Product, startProduct } from '../setup/product.js';

let product: Product;
let browser: Browser;
let page: Page;
const faults: string[] = [];
const button = (name: string) => page.getByRole('button', { name, exact: true });
const editAs = (mode: string) => page.getByRole('radiogroup', { name: 'Edit as' }).getByRole('radio', { name: mode });
const field = (name: string) => page.getByLabel(name, { exact: true });

beforeAll(async () => {
  await allStarted(
    startProduct({ args: ['--no-demo', '--no-history'] }).then((started) => {
      product = started;
    }),
    openBrowser().then((started) => {
      browser = started;
    }),
  );
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  await addAuthenticator(page);
  await page.goto(await signInLink(product));
  await enrol(page);
  await page.goto(new URL('/access-policy', product.urls.admin).href);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

describe('an own policy', () => {
  it('is written in a form that says what is missing, tried, and saved by who proves to be there', async () => {
    await button('New policy').click();
    await field('Name').fill('Night shift lifts nothing');
    await field('Who').selectOption('A group');
    await page.getByText('Name the group.').waitFor();
    expect(await button('Save').isDisabled()).toBe(true);
    await field('Group').fill('night "shift"');
    await field('Where').selectOption('Of a team');
    await field('Team').fill('payments');
    await field('Only beyond so many whom it hits').fill('20');
    await page.getByText('resource.team == "payments"').waitFor();
    await inspect(page, 'access-form');
    await button('Try it').click();
    await page.getByText(/Of the last \d+ decisions/).waitFor();
    await button('Save').click();
    await page.getByText('Policy saved').first().waitFor();
    await page.getByText('version 1').waitFor();
  });

  it('is found again in the form, and the very same is written', async () => {
    await button('Edit Night shift lifts nothing').click();
    await expect.poll(() => editAs('Form').isChecked(), { timeout: 15_000 }).toBe(true);
    expect(await field('Group').inputValue()).toBe('night "shift"');
    expect(await field('Team').inputValue()).toBe('payments');
    expect(await field('Only beyond so many whom it hits').inputValue()).toBe('20');
    expect(await page.getByRole('checkbox', { name: 'Not for owners' }).isChecked()).toBe(true);
    await editAs('Text').click();
    const text = page.getByLabel('Policy', { exact: true });
    const written = await text.inputValue();
    await editAs('Form').click();
    await expect.poll(() => editAs('Form').isChecked(), { timeout: 15_000 }).toBe(true);
    await editAs('Text').click();
    expect(await text.inputValue()).toBe(written);
    // Whoever turns away before the answer has come is not turned back by it.
    await editAs('Form').click();
    await editAs('Text').click();
    await page.waitForTimeout(500);
    expect(await editAs('Text').isChecked()).toBe(true);
  });

  it('is a text where it says more than the form can, with each fault at its place', async () => {
    const text = page.getByLabel('Policy', { exact: true });
    await text.fill('forbid (principal, action, resource)\nwhen { principal.role == "viewer" || principal.passkeys < 1 };');
    await editAs('Form').click();
    await page.getByText('This says more than the form can').waitFor();
    expect(await editAs('Text').isChecked()).toBe(true);
    const reasoned = '// why\nforbid (principal, action, resource);';
    await text.fill(reasoned);
    await editAs('Form').click();
    await page.getByText('or has comments').waitFor();
    expect(await text.inputValue()).toBe(reasoned);
    // Nor does anything happen unseen without a network.
    await page.context().setOffline(true);
    await editAs('Form').click();
    await page.locator('form').getByRole('alert').filter({ hasText: 'You are offline: nothing was changed.' }).waitFor();
    await page.context().setOffline(false);
    await text.fill('forbid (principal, action, resource)\nwhen { principal.rank == "viewer" };');
    await button('Check').click();
    await page
      .getByRole('button', { name: /^line 2, column \d+: / })
      .first()
      .waitFor();
    await inspect(page, 'access-text');
    await button('Cancel').click();
  });
});

describe('a case', () => {
  const forbids = 'forbid(principal,action==Action::"decision.lift",resource)when{principal.role=="analyst"};';

  it('keeps an edit that breaks it from being saved, until it is removed', async () => {
    await button('Add a case').click();
    const dialog = page.getByRole('dialog', { name: 'Add a case' });
    await dialog.getByLabel('Name').fill('Analysts lift');
    await dialog.getByLabel('Must be').selectOption('allow');
    const request = await dialog.getByLabel('Who, on what, how').inputValue();
    await dialog.getByLabel('Who, on what, how').fill(request.slice(1));
    await button('Add').click();
    await dialog.getByText('That is no JSON.').waitFor();
    await inspect(page, 'access-case');
    await dialog.getByLabel('Who, on what, how').fill(request);
    await button('Add').click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('listitem').filter({ hasText: 'Analysts lift' }).getByText('decision.lift').waitFor();
    await button('New policy').click();
    await field('Name').fill('Nobody lifts');
    await editAs('Text').click();
    const text = page.getByLabel('Policy', { exact: true });
    await text.fill(forbids);
    await button('Format').click();
    await expect.poll(() => text.inputValue()).toContain('principal.role == "analyst"');
    await button('Try it').click();
    await page.getByText('0 of 1 cases hold.').waitFor();
    await page.getByText('Analysts lift: expected allow, would deny').waitFor();
    await inspect(page, 'access-tried');
    await button('Save').click();
    await page.locator('form').getByRole('alert').waitFor();
    expect(await button('Edit Nobody lifts').count()).toBe(0);
    await button('Remove Analysts lift').click();
    await page.getByRole('dialog', { name: 'Remove case' }).getByRole('button', { name: 'Remove case' }).click();
    await page.getByText('No case yet').waitFor();
    await button('Save').click();
    await button('Edit Nobody lifts').waitFor();
  });

  it('and a policy that is removed no longer stands there', async () => {
    await button('Edit Nobody lifts').click();
    await button('Remove').click();
    const dialog = page.getByRole('dialog', { name: 'Remove policy' });
    await dialog.getByRole('button', { name: 'Remove policy' }).click();
    await button('Edit Nobody lifts').waitFor({ state: 'detached' });
    await button('Edit Night shift lifts nothing').waitFor();
    expect(faults).toEqual([]);
  });
});
