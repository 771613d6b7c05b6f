/** `plimsoll migrate`: brings the tables of DATABASE_URL up to date and ends; for installations that do not use `up`. */
import { migrate, openDatabase } from '@plimsoll/storage';
import type { Command } from 'commander';
import { Fault } from '../fault.js';

async function migrateDatabase(): Promise<void> {
  const { DATABASE_URL: url } = process.env;
  if (!url) throw new Fault('DATABASE_URL is not set: name the PostgreSQL whose tables are to be brought up to date.');
  const database = openDatabase(url, { max: 2 });
  try {
    await migrate(database.db);
    process.stdout.write('The tables are up to date.\n');
  } finally {
    await database.close();
  }
}

export function register(program: Command): void {
  program.command('migrate').description('bring the tables of DATABASE_URL up to date').action(migrateDatabase);
}
