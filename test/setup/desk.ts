/** A seeded product whose owner has a passkey, which is what dangerous acts ask for; others beside the owner, and the word of workers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findAlert, openRedis, publishLive } from '@plimsoll/storage';
import type { Page } from 'playwright-core';
import { addAuthenticator, enrol } from './passkey.js';
import { openSeeded, type Seeded } from './seeded.js';

export interface Desk extends Seeded {
  url(path: string): string;
  /** A page in a browser of its own, of somebody who was just invited; `enrolled` with a passkey. */
  invite(name: string, role: 'owner' | 'analyst', enrolled?: boolean): Promise<Page>;
  /** As a worker says it of an alert that it has written. */
  tell(id: string): Promise<void>;
}

/** @throws where something does not come up; what did is ended then. */
export async function openDesk(): Promise<Desk> {
  const seeded = await openSeeded();
  const { product, browser, page, db, faults } = seeded;
  const redis = openRedis(JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8')).redisUrl, 'test');
  const close = async () => {
    redis.disconnect();
    await seeded.close();
  };
  try {
    await addAuthenticator(page);
    await enrol(page);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...seeded,
    close,
    url: (path) => new URL(path, product.urls.admin).href,
    invite: async (name, role, enrolled = false) => {
      const other = await (
        await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', timezoneId: 'UTC' })
      ).newPage();
      other.on('pageerror', (error) => faults.push(String(error)));
      if (enrolled) await addAuthenticator(other);
      await other.goto((await product.run('members', 'invite', name, '--role', role)).trim());
      if (enrolled) await enrol(other);
      else await other.getByRole('heading', { name: 'Overview' }).waitFor();
      return other;
    },
    tell: async (id) => {
      const alert = await findAlert(db, id);
      if (alert) await publishLive(redis, 'plimsoll', { type: 'alert', alert });
    },
  };
}
