/**
 * A person's ways in, in a real browser with an authenticator: the first passkey after a link, dangerous actions behind a prompt,
 * recovery codes, an invitation, a session that somebody else ends, a sign-in by passkey, and a recovery by an old link.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SELF_SERVICE } from '@plimsoll/contracts';
import { openDatabase, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../setup/browser.js';
import { signInLink } from '../setup/console.js';
import { inspect } from '../setup/looks.js';
import { addAuthenticator, enrol } from '../setup/passkey.js';
import { allStarted, type Product, startProduct } from '../setup/product.js';
import { insertAlert } from '../setup/records.js';

let product: Product;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const faults: string[] = [];
const at = (path: string) => new URL(path, product.urls.admin).href;

beforeAll(async () => {
  await allStarted(
    startProduct({ args: ['--no-demo'] }).then((started) => {
      product = started;
    }),
    openBrowser().then((started) => {
      browser = started;
    }),
  );
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  await addAuthenticator(page);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

describe('a person’s ways in', () => {
  it('begin with a link, and a reminder to make a passkey', async () => {
    await page.goto(await signInLink(product));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('Add a passkey.').waitFor();
    await inspect(page, 'reminder');
    await page.getByRole('button', { name: 'Later' }).click();
    await page.reload();
    await enrol(page);
    await page.getByText('Add a second passkey.').waitFor();
  });

  it('load without a word in the console, signed in or not', async () => {
    const said: string[] = [];
    const listen = (visit: Page) => {
      visit.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()));
      visit.on('requestfinished', (request) => {
        void request
          .response()
          .then((answer) => answer && answer.status() >= 400 && said.push(`${answer.status()} ${answer.url()}`))
          .catch(() => undefined); // The page is gone.
      });
    };
    const tab = await context.newPage();
    listen(tab);
    for (const path of ['/', '/alerts', '/account']) {
      await tab.goto(at(path));
      await tab.getByRole('button', { name: /admin/ }).waitFor();
    }
    const stranger = await browser.newContext();
    const visit = await stranger.newPage();
    listen(visit);
    await visit.goto(at('/alerts'));
    await visit.getByRole('heading', { name: 'Sign in' }).waitFor();
    await visit.goto(at('/docs'));
    await visit.getByText('Sign in with a one-time link').waitFor();
    expect(said).toEqual([]);
    await stranger.close();
    await tab.close();
  });

  it('take no string for script, run none that stands in the page, and report who tries', async () => {
    const tab = await context.newPage();
    await tab.goto(at('/'));
    const refused = await tab.evaluate(() => {
      const attempts: Record<string, () => unknown> = {
        innerHTML: () => Object.assign(document.createElement('div'), { innerHTML: '<img src=x onerror=alert(1)>' }),
        src: () => Object.assign(document.createElement('script'), { src: '/theme.js' }),
        text: () => Object.assign(document.createElement('script'), { text: 'alert(1)' }),
        eval: () => setTimeout('alert(1)'),
        policy: () =>
          (
            window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }
          ).trustedTypes.createPolicy('own', {}),
      };
      return Object.entries(attempts)
        .filter(([, attempt]) => {
          try {
            attempt();
            return false;
          } catch {
            return true;
          }
        })
        .map(([name]) => name);
    });
    expect(refused).toEqual(['innerHTML', 'src', 'text', 'eval', 'policy']);
    // The browser sends its report when it has time for it.
    const log = () => readFile(join(product.data, 'logs', 'admin.log'), 'utf8');
    const report = /"effective-directive":"require-trusted-types-for".*the content policy forbids/;
    await expect.poll(log, { timeout: 20_000 }).toMatch(report);
    await tab.close();
  });

  it('put what is dangerous behind the passkey, without a word more', async () => {
    await page.goto(at('/account'));
    await page.getByRole('button', { name: 'Make codes' }).click();
    await page.getByRole('dialog', { name: 'Your recovery codes' }).waitFor();
    await inspect(page, 'codes');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('10 left').waitFor();
    await page.getByRole('button', { name: /^Rename/ }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('My laptop');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('My laptop').first().waitFor();
    await page.getByText('this one').waitFor();
    await inspect(page, 'account');
  });

  it('are given to others by an invitation, and taken', async () => {
    await page.goto(at('/members'));
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Grace Hopper');
    const sees = page.getByRole('combobox', { name: 'Sees' });
    await sees.selectOption('some');
    await sees.focus();
    await page.getByText('so far nothing is seen').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('bank, sales');
    await page.getByText('No service is of bank, sales yet.').waitFor();
    await inspect(page, 'invite');
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = (await page.getByText(/sign-in#/).textContent()) ?? '';
    await page.getByRole('button', { name: 'Close' }).click();
    const other = await browser.newContext();
    const visit = await other.newPage();
    await visit.goto(link);
    await visit.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Edit Grace Hopper' }).click();
    await page.getByRole('list', { name: 'Sessions' }).getByRole('listitem').first().waitFor();
    await inspect(page, 'member');
    await page.getByRole('textbox', { name: 'Teams', exact: true }).fill('sales');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('sees the team sales').waitFor();
    await page.getByRole('button', { name: 'End all sessions' }).click();
    await page.getByText('Sessions ended').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await visit.goto(at('/alerts'));
    await visit.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.close();
    await inspect(page, 'members');
  });

  it('are all written down: found by filters, read in full, verified, and taken along', async () => {
    await page.goto(at('/'));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Audit' }).click();
    await page.getByText('The chain is whole.').waitFor();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText(/from the first row on/).waitFor();
    const rows = page.getByRole('list', { name: 'Rows of the audit' });
    await rows.getByRole('listitem').first().waitFor();
    await inspect(page, 'audit');
    await page.getByRole('combobox', { name: 'What' }).selectOption({ label: 'Members' });
    await page.getByRole('searchbox', { name: 'Text' }).fill('grace hopper');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).search).toContain('text=grace');
    expect(new URL(page.url()).searchParams.get('action')).toBe('member.');
    await page.reload();
    await rows.getByRole('button', { name: /member\.invite/ }).waitFor();
    await page.getByRole('heading', { name: 'Audit' }).click();
    await page.keyboard.press('j');
    await expect.poll(() => page.evaluate('document.activeElement?.id')).toMatch(/^audit-row-/);
    await page.keyboard.press('Enter');
    const row = page.getByRole('dialog');
    await row.getByRole('region', { name: 'Chain' }).waitFor();
    await inspect(page, 'audit-row');
    await row.getByRole('button', { name: 'Only this action' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption({ label: 'Refused' });
    await page.getByText('Nothing was done').waitFor();
    await page.getByRole('button', { name: 'Reset filters' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    expect((await download).suggestedFilename()).toBe('plimsoll-audit.ndjson');
    await page.getByText(/^\d+ rows saved\.$/).waitFor();
  });

  it('say what is wrong where nobody proves presence', async () => {
    await page.goto(at('/account'));
    await page.evaluate('navigator.credentials.get = () => Promise.reject(new DOMException("", "NotAllowedError"))');
    await page.getByRole('button', { name: 'Make new codes' }).click();
    await page.getByText('The passkey was not used').waitFor();
    await page.reload();
    await page.getByText('10 left').waitFor();
  });

  it('come with what the console finds in one’s own calls, and what that takes', async () => {
    const { databaseUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
    const { db, close } = openDatabase(databaseUrl, { max: 1 });
    const [admin] = await db.select().from(schema.person).where(eq(schema.person.name, 'admin'));
    const found = { kind: 'scraping', severity: 'high', score: 0.2, verified: true, firstAt: Date.now(), lastAt: Date.now() };
    await insertAlert(db, { ...found, service: SELF_SERVICE, subjectType: 'actor', subjectId: admin?.id ?? '' });
    await expect.poll(() => shown('Something in your own calls looks unusual'), { timeout: 20_000 }).toBe(true);
    await page.getByText(/^A risk of 5\d of 100/).waitFor();
    await page
      .getByRole('list', { name: 'Why' })
      .getByText(/^Scraping: /)
      .waitFor();
    await page.getByText('every change asks for your passkey').waitFor();
    await inspect(page, 'own-risk');
    await db.delete(schema.alert);
    await close();
    await expect.poll(() => shown('Nothing. Plimsoll watches its own console'), { timeout: 20_000 }).toBe(true);
  });
  const shown = async (text: string): Promise<boolean> => {
    await page.goto(at('/account'));
    await page.getByText('10 left').waitFor();
    return page.getByText(text).isVisible();
  };

  it('lead back in by passkey after signing out everywhere', async () => {
    await page.goto(at('/account'));
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    // The authenticator answers the offer in the autofill by itself, or the button's prompt.
    await Promise.race([
      page.getByRole('heading', { name: 'Account' }).waitFor(),
      page.getByRole('button', { name: 'Sign in with a passkey' }).click(),
    ]);
    await page.getByRole('heading', { name: 'Account' }).waitFor();
  });

  it('do not begin a recovery by a click on a link, and do so when told', async () => {
    const other = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const visit = await other.newPage();
    await visit.goto(at('/sign-in'));
    await visit.getByRole('heading', { name: 'Sign in' }).waitFor();
    await inspect(visit, 'sign-in');
    await visit.goto(await signInLink(product));
    await visit.getByRole('heading', { name: 'Sign in as admin' }).waitFor();
    await inspect(visit, 'recovery-link');
    await page.goto(at('/account'));
    await page.getByRole('heading', { name: 'Account' }).waitFor();
    await addAuthenticator(visit);
    await visit.getByRole('button', { name: 'I have lost my passkeys' }).click();
    await visit.getByRole('heading', { name: 'Make a new passkey' }).waitFor();
    await inspect(visit, 'recovery');
    await visit.getByRole('button', { name: 'Make a passkey' }).click();
    await visit.getByText('Your account was recovered with a sign-in link').waitFor();
    await visit.goto(at('/account'));
    await visit.getByRole('button', { name: 'Make new codes' }).click();
    await visit.getByText('this waits for a day').waitFor();
    await visit.getByText('No codes were made').waitFor({ state: 'hidden' });
    await inspect(visit, 'held');
    await page.goto(at('/alerts'));
    await page.getByRole('heading', { name: 'Sign in', exact: true }).or(page.getByText('was recovered')).first().waitFor();
    await other.close();
  });

  it('ran without an error on the page', () => {
    expect(faults).toEqual([]);
  });
});
