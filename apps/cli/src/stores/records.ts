/** The records and the master key of an installation, for commands that work on them beside the servers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '@plimsoll/storage';
import { Fault } from '../fault.js';
import { readRun } from '../up/data-folder.js';
import { readSecrets } from '../up/secrets.js';

/** With the running product's database, or the one that the environment names. */
export async function withDatabase<T>(folder: string, work: (db: Database) => Promise<T>): Promise<T> {
  const url = (await readRun(folder))?.databaseUrl ?? process.env['DATABASE_URL'];
  if (!url)
    throw new Fault(`Plimsoll does not run on ${folder}: start it, name its data folder with --data, or set DATABASE_URL.`);
  const database = openDatabase(url, { max: 1 });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}

export async function masterKey(folder: string): Promise<Buffer> {
  const given = process.env['PLIMSOLL_MASTER_KEY'];
  if (given) return Buffer.from(given, 'base64url');
  if (existsSync(join(folder, 'secrets.json'))) return Buffer.from((await readSecrets(folder)).masterKey, 'base64url');
  throw new Fault(`There is no master key in ${folder}: name the data folder with --data, or set PLIMSOLL_MASTER_KEY.`);
}
