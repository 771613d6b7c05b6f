/**
 * An attacker and real browsers, against the whole product: 200 hostile texts on every page (T27 of the attack list), and what copied
 * cookies, a copied access token and a copied profile with the key in it are worth in another browser (T10).
 */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase, readAudit, schema } from '@plimsoll/storage';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openProfile } from '../setup/browser.js';
import { signInLink } from '../setup/console.js';
import { addressOf, SHOWN, seedHostile, within } from '../setup/hostile.js';
import { type Attempt, attemptsOn, type OtherSite, openOtherSite, SEND } from '../setup/other-site.js';
import { FOREIGN_NODES } from '../setup/polyglots.js';
import { type Product, startProduct } from '../setup/product.js';

let product: Product;
let db: Database;
let closeDb: () => Promise<void>;
let folder: string;
const opened: BrowserContext[] = [];
const at = (path: string) => new URL(path, product.urls.admin).href;

beforeAll(async () => {
  [product, folder] = await Promise.all([startProduct({ args: ['--no-demo'] }), mkdtemp(join(tmpdir(), 'plimsoll-profiles-'))]);
  const { databaseUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
  const database = openDatabase(databaseUrl, { max: 3 });
  [db, closeDb] = [database.db, database.close];
}, 180_000);
afterEach(async () => {
  for (const context of opened.splice(0)) await context.close();
});
afterAll(async () => {
  await closeDb?.();
  await product?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A browser with the profile of that name. */
async function browse(name: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await openProfile(join(folder, name));
  opened.push(context);
  return { context, page: context.pages()[0] ?? (await context.newPage()) };
}
async function signedIn(name: string): Promise<{ page: Page; context: BrowserContext }> {
  const browser = await browse(name);
  await browser.page.goto(await signInLink(product));
  await browser.page.getByRole('heading', { name: 'Overview' }).waitFor();
  return browser;
}
const toldWhy = (page: Page) => page.getByRole('alert').filter({ hasText: 'a copy of it was used' }).waitFor();
/** What anybody is given: a challenge to sign, and a nonce for proofs. */
const FOR_ANYBODY = ['/api/session/passkey/options', '/api/session/nonce'];
/** Paths of the API that have given this page something, from now on. */
function answersTo(page: Page): string[] {
  const given: string[] = [];
  page.on('response', (answer) => {
    const { pathname } = new URL(answer.url());
    if (pathname.startsWith('/api/') && answer.ok() && !FOR_ANYBODY.includes(pathname)) given.push(pathname);
  });
  return given;
}
async function expectTold(page: Page, sign: string): Promise<void> {
  await toldWhy(page);
  const actions = (await readAudit(db, { action: 'session.' }, { limit: 10 })).map(({ action }) => action);
  expect(actions).toContain(`session.${sign}`);
  await page.goto(await signInLink(product));
  await page.getByText('A session of yours was used in two places and was ended.').first().waitFor();
}

describe('T10: another browser', () => {
  it('gets nothing by copied cookies; the session ends, and its owner reads why at once and at the next sign-in', async () => {
    const victim = await signedIn('cookies-victim');
    const thief = await browse('cookies-thief');
    const cookies = await victim.context.cookies(at('/'));
    expect(cookies.map(({ name }) => name)).toEqual(['__Host-plimsoll-refresh']);
    await thief.context.addCookies(cookies.map(({ name, value, ...rest }) => ({ name, value, ...rest })));
    const given = answersTo(thief.page);
    await thief.page.goto(at('/alerts'));
    await toldWhy(thief.page);
    expect(given).toEqual([]);
    await expectTold(victim.page, 'theft');
  });

  it('gets nothing by a copied access token, neither with the proof that went with it nor with one of its own', async () => {
    const victim = await signedIn('token-victim');
    const copied = victim.page.waitForRequest((request) => request.url().includes('/api/alerts'));
    await victim.page.goto(at('/alerts'));
    const { authorization = '', dpop = '' } = await (await copied).allHeaders();
    expect([authorization.slice(0, 5), dpop.length > 200]).toEqual(['DPoP ', true]);
    const thief = await browse('token-thief');
    await thief.page.goto(at('/sign-in'));
    const given = answersTo(thief.page);
    expect(await thief.page.evaluate(ASK, { authorization, dpop, url: (await copied).url() })).toBe(401);
    expect(await victim.page.evaluate('document.title')).not.toBe('');
    await victim.page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor();
    expect(await thief.page.evaluate(ASK_BY_OWN_KEY, { authorization, url: at('/api/alerts') })).toEqual([
      401,
      'unauthenticated',
    ]);
    expect(given).toEqual([]);
    await expectTold(victim.page, 'token-theft');
  });
});

describe('a copied profile, key and all', () => {
  it('that opens after its original is known by its count at its first request', async () => {
    const { context } = await signedIn('late-victim');
    await close(context);
    await cp(join(folder, 'late-victim'), join(folder, 'late-clone'), { recursive: true });
    const victim = await browse('late-victim');
    await victim.page.goto(at('/'));
    await victim.page.getByRole('heading', { name: 'Overview' }).waitFor();
    const clone = await browse('late-clone');
    const given = answersTo(clone.page);
    await clone.page.goto(at('/'));
    await toldWhy(clone.page);
    expect(given).toEqual([]);
    await toldWhy(victim.page);
  });

  it('that opens before its original gets in, until the original comes back: then both are out, and both are told', async () => {
    const { context } = await signedIn('early-victim');
    await close(context);
    await cp(join(folder, 'early-victim'), join(folder, 'early-clone'), { recursive: true });
    const clone = await browse('early-clone');
    await clone.page.goto(at('/'));
    await clone.page.getByRole('heading', { name: 'Overview' }).waitFor();
    const victim = await browse('early-victim');
    await victim.page.goto(at('/'));
    await toldWhy(victim.page);
    await toldWhy(clone.page);
    await expectTold(victim.page, 'copy');
  });
});

describe('T16: a page of another site', () => {
  it('changes nothing by all that a browser lets it send, learns nothing, and the cookie stays at home', async () => {
    const { page, context } = await signedIn('csrf-victim');
    const own = page.waitForRequest((request) => request.url().endsWith('/api/session/refresh'));
    await page.reload();
    expect((await (await own).allHeaders())['cookie']).toMatch(/^__Host-plimsoll-refresh=/); // What would be worth having.
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.goto('about:blank');
    const link = await signInLink(product);
    const before = await standing();
    const site = await openOtherSite();
    for (const attempt of attemptsOn(at('/'), link.split('#')[1] ?? '')) {
      // Without an answer (0): the preflight was refused, and the request itself was never sent.
      const { cookie, origin, status } = await sendFrom(site, context, attempt);
      expect([attempt, cookie, origin, status === 0 || status >= 400]).toEqual([attempt, undefined, 'other', true]);
    }
    await site.close();
    expect(await standing()).toEqual(before);
    await page.goto(at('/'));
    await page.getByRole('heading', { name: 'Overview' }).waitFor(); // Still signed in, as the same person.
    const other = await browse('csrf-attacker');
    await other.page.goto(link); // And the attacker's link is not spent.
    await other.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await context.close();
  }, 120_000);

  /** In a tab of its own, as whoever clicks on something gets one. */
  async function sendFrom({ url }: OtherSite, context: BrowserContext, attempt: Attempt) {
    const tab = await context.newPage();
    await tab.goto(url);
    const asked = tab.waitForRequest((request) => request.url() === attempt.url);
    await tab.evaluate(SEND, attempt);
    const request = await asked;
    const answer = await request.response().catch(() => null);
    const { cookie, origin } = await request.allHeaders();
    await tab.close();
    return { cookie, origin: origin === new URL(attempt.url).origin ? 'own' : 'other', status: answer?.status() ?? 0 };
  }

  /** What a forged call would change: who is signed in and by what, links, services, policies. */
  async function standing(): Promise<unknown> {
    const { session, refreshToken, signInLink: links, service } = schema;
    return [
      await db.select({ id: session.id, end: session.revokedAt, count: session.refreshes }).from(session).orderBy(session.id),
      await db.select({ hash: refreshToken.hash, at: refreshToken.rotatedAt }).from(refreshToken).orderBy(refreshToken.hash),
      await db.select({ hash: links.hash, at: links.usedAt }).from(links).orderBy(links.hash),
      await db.select().from(service).orderBy(service.id),
    ];
  }
});

describe('T27: hostile texts on every page', () => {
  it('are text, and nothing but text', async () => {
    const { page } = await signedIn('reader');
    const [dialogs, refused]: string[][] = [[], []];
    page.on('dialog', (dialog) => {
      dialogs?.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) refused?.push(message.text());
    });
    const [reader] = await db.select().from(schema.person).orderBy(schema.person.createdAt).limit(1);
    const hostile = await seedHostile(product, db, reader!);
    const missed: string[] = [];
    for (const path of await pagesOfTheConsole()) {
      await page.goto(at(addressOf(path, hostile)));
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      if (!PLAIN.has(path) && !(await comesToShow(page))) missed.push(path);
      await within[path]?.(page);
      for (let screen = 0; screen < 4; screen += 1) {
        await page.waitForTimeout(150);
        expect([path, await page.evaluate(FOREIGN_NODES)]).toEqual([path, []]);
        await page.mouse.wheel(0, 1_500);
      }
      expect([path, await page.evaluate('window.hit')]).toEqual([path, undefined]);
    }
    expect(missed).toEqual([]);
    expect([dialogs, refused]).toEqual([[], []]);
  }, 300_000);

  /** Asked from without: nothing waits within the page, whose policy lets no string become script. */
  async function comesToShow(page: Page): Promise<boolean> {
    for (let tries = 0; tries < 100; tries += 1) {
      if (await page.evaluate(SHOWN)) return true;
      await page.waitForTimeout(200);
    }
    return false;
  }

  /** As the router has them, so that a new page is walked by itself. */
  async function pagesOfTheConsole(): Promise<string[]> {
    const router = await readFile('apps/dashboard/src/router.tsx', 'utf8');
    const paths = [...router.matchAll(/path: '([^']+)'/g)].map(([, path = '']) => path).filter((path) => path !== '/sign-in');
    expect(paths.length).toBeGreaterThan(10);
    return paths.filter((path) => path !== '/gallery');
  }
});

/** Pages that show no text of anybody's: names of services, kinds and actions alone. */
const PLAIN: ReadonlySet<string> = new Set(['/services', '/start', '/policies', '/detection']);

async function close(context: BrowserContext): Promise<void> {
  opened.splice(opened.indexOf(context), 1);
  await context.close();
}

/** In the page: asks with what was copied. */
const ASK = async ({ authorization, dpop, url }: { authorization: string; dpop: string; url: string }) =>
  (await fetch(url, { headers: { authorization, dpop } })).status;

/** In the page: proves with a key of the thief's, with the nonce that the server gives. */
const ASK_BY_OWN_KEY = async ({ authorization, url }: { authorization: string; url: string }) => {
  const text = (bytes: ArrayBuffer) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=/g, '');
  const utf8 = (value: string) => new TextEncoder().encode(value);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  const ath = text(await crypto.subtle.digest('SHA-256', utf8(authorization.slice(5))));
  let nonce: string | null = null;
  for (;;) {
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
    const claims = {
      jti: crypto.randomUUID(),
      htm: 'GET',
      htu: url,
      iat: Math.floor(Date.now() / 1000),
      ath,
      ...(nonce && { nonce }),
    };
    const input = [header, claims].map((part) => text(utf8(JSON.stringify(part)).buffer as ArrayBuffer)).join('.');
    const dpop = `${input}.${text(await crypto.subtle.sign(algorithm, privateKey, utf8(input)))}`;
    const answer: Response = await fetch(url, { headers: { authorization, dpop } });
    const { code, error } = (await answer.json()) as { code?: string; error?: string };
    if (error !== 'use_dpop_nonce' || nonce !== null) return [answer.status, code];
    nonce = answer.headers.get('dpop-nonce');
  }
};
