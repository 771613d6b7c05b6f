/** `plimsoll migrate`: brings the tables of DATABASE_URL, and of CLICKHOUSE_URL where it is set, up to date and ends; for installations that do not use `up`. */
import { migrate, migrateHistory, openDatabase, openHistory } from '@plimsoll/storage';
import type { Command } from 'commander';
import { Fault, textOf } from '../fault.js';

async function migrateDatabase(): Promise<void> {
  const { DATABASE_URL: url, CLICKHOUSE_URL: historyUrl } = process.env;
  if (!url) throw new Fault('DATABASE_URL is not set: name the PostgreSQL whose tables are to be brought up to date.');
  const database = openDatabase(url, { max: 2 });
  try {
    await migrate(database.db);
    if (historyUrl) await migrateClickHouse(historyUrl);
    process.stdout.write('The tables are up to date.\n');
  } finally {
    await database.close();
  }
}

async function migrateClickHouse(url: string): Promise<void> {
  const history = openHistory(url);
  try {
    await migrateHistory(history);
  } catch (error) {
    throw new Fault(`ClickHouse could not be brought up to date (${textOf(error)}): check CLICKHOUSE_URL and its rights.`);
  } finally {
    await history.close();
  }
}

export function register(program: Command): void {
  program
    .command('migrate')
    .description('bring the tables of DATABASE_URL and CLICKHOUSE_URL up to date')
    .action(migrateDatabase);
}
