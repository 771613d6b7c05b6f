/** A product without its demo and its history, somebody signed in to it in a browser, and its records, for tests that write what people then read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createService, type Database, openDatabase } from '@plimsoll/storage';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './browser.js';
import { signInLink } from './console.js';
import { allStarted, type Product, startProduct } from './product.js';
import { insertAlert } from './records.js';

/** The service that {@link Seeded.seed} writes to. */
export const SEEDED = 'orders';

export interface Seeded {
  product: Product;
  browser: Browser;
  page: Page;
  db: Database;
  /** What the page threw. */
  faults: string[];
  open(path: string): Promise<unknown>;
  /** An open alert about a user, of so many seconds ago. @returns its id */
  seed(name: string, age: number, values?: Parameters<typeof insertAlert>[1]): Promise<string>;
  close(): Promise<void>;
}

/** @throws where something does not come up; what did is ended then. */
export async function openSeeded(): Promise<Seeded> {
  const started: { product?: Product; browser?: Browser; endDb?: () => Promise<void> } = {};
  const close = async () => {
    await started.browser?.close();
    await started.endDb?.();
    await started.product?.stop();
  };
  try {
    await allStarted(
      startProduct({ args: ['--no-demo', '--no-history'] }).then((product) => {
        started.product = product;
      }),
      openBrowser().then((browser) => {
        started.browser = browser;
      }),
    );
    const { product, browser } = started as Required<typeof started>;
    const { databaseUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
    const { db, close: endDb } = openDatabase(databaseUrl, { max: 3 });
    started.endDb = endDb;
    await createService(db, { id: SEEDED }, Date.now());
    return { product, browser, db, ...(await signedIn(product, browser)), close, ...writing(db) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function signedIn(product: Product, browser: Browser): Promise<Pick<Seeded, 'page' | 'faults' | 'open'>> {
  const faults: string[] = [];
  const page = await (
    await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', timezoneId: 'UTC' })
  ).newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(await signInLink(product));
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return { page, faults, open: (path) => page.goto(new URL(path, product.urls.admin).href) };
}

const writing = (db: Database): Pick<Seeded, 'seed'> => ({
  seed: (name, age, values) => {
    const at = Date.now() - age * 1_000;
    return insertAlert(db, { service: SEEDED, subjectId: name, firstAt: at, lastAt: at, ...values });
  },
});
