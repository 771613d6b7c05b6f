/**
 * The console in Firefox, where it is installed, but for passkeys, which it has no virtual authenticator for: sign-in by a link, the
 * key in IndexedDB, the cookie on http://localhost, the live channel, a reload, two tabs at once, the end of a session.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createService, openDatabase, openRedis, publishLive, readAlert } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInLink } from '../setup/console.js';
import { Firefox, findFirefox, type Tab } from '../setup/firefox.js';
import { allStarted, type Product, startProduct } from '../setup/product.js';
import { insertAlert } from '../setup/records.js';

const command = findFirefox();

describe.skipIf(command === undefined)('in Firefox', () => {
  let product: Product;
  let firefox: Firefox;
  let tab: Tab;
  const at = (path: string) => new URL(path, product.urls.admin).href;

  beforeAll(async () => {
    await allStarted(
      startProduct({ args: ['--no-demo', '--no-history'] }).then((started) => {
        product = started;
      }),
      Firefox.open(command as string).then((started) => {
        firefox = started;
      }),
    );
    tab = await firefox.tab();
  }, 180_000);
  afterAll(async () => {
    await firefox?.close();
    await product?.stop();
  });

  it('somebody signs in by a link, with a key that no script can read out', async () => {
    await tab.goto(await signInLink(product));
    await tab.shows('Overview');
    const key = `new Promise((resolve, reject) => {
      const opening = indexedDB.open('plimsoll');
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const reading = opening.result.transaction('keys').objectStore('keys').get('session');
        reading.onsuccess = () => crypto.subtle.exportKey('jwk', reading.result.privateKey).then(() => resolve('read'), (error) => resolve(error.name));
      };
    })`;
    expect(await tab.evaluate(key)).toBe('InvalidAccessError');
    expect(await tab.evaluate('document.cookie')).toBe('');
  });

  it('alerts come by themselves', async () => {
    await tab.goto(at('/alerts'));
    await tab.shows('Alerts');
    await expect
      .poll(() => tab.evaluate(`Boolean(document.querySelector('[title^="Connected"]'))`), { timeout: 10_000 })
      .toBe(true);
    const { databaseUrl, redisUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
    const { db, close } = openDatabase(databaseUrl, { max: 1 });
    const redis = openRedis(redisUrl, 'test');
    await createService(db, { id: 'shop' }, Date.now());
    const id = await insertAlert(db, { subjectId: 'mallory-of-firefox', firstAt: Date.now(), lastAt: Date.now() });
    const detail = await readAlert(db, id);
    await publishLive(redis, 'plimsoll', { type: 'alert', alert: detail!.alert });
    await expect.poll(() => tab.evaluate('document.body.innerText'), { timeout: 10_000 }).toMatch(/mallory-of-firefox|1 new/);
    redis.disconnect();
    await close();
  });

  it('a session outlives reloads, in two tabs at once', async () => {
    const other = await firefox.tab();
    for (let round = 0; round < 3; round += 1) {
      await Promise.all([tab.goto(at('/decisions')), other.goto(at('/services'))]);
      await Promise.all([tab.shows('Decisions'), other.shows('Services')]);
    }
  });

  it('a session that ends ends in every tab', async () => {
    await tab.goto(at('/account'));
    await tab.press('Sign out everywhere');
    await tab.shows('Sign in with a passkey');
    await tab.goto(at('/alerts'));
    await tab.shows('Sign in with a passkey');
  });
});
