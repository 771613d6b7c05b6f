/**
 * The private Redis and PostgreSQL of a product that runs beside, without its demo: what it does by itself is next to nothing. The
 * database is one of our own, since its admin process would throw out keys that another master key has sealed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, migrate, openDatabase } from '@plimsoll/storage';
import { sql } from 'drizzle-orm';
import { startProduct } from '../../test/setup/product.js';

export interface Stores {
  databaseUrl: string;
  redisUrl: string;
}

/** @param work gets migrated stores; they go afterwards. */
export async function withStores<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
  const product = await startProduct({ args: ['--no-demo'] });
  try {
    const { databaseUrl, redisUrl }: Stores = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
    const own = new URL(databaseUrl);
    own.pathname = '/bench';
    await onDatabase(databaseUrl, (db) => db.execute(sql`create database bench`));
    await onDatabase(own.href, migrate);
    return await work({ databaseUrl: own.href, redisUrl });
  } finally {
    await product.stop();
  }
}

async function onDatabase(url: string, work: (db: Database) => Promise<unknown>): Promise<void> {
  const { db, close } = openDatabase(url, { max: 1 });
  await work(db).finally(close);
}
