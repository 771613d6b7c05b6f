/**
 * Where the records and the history are that `query` and `backtest` read: named by options, told by the product that runs on
 * the data folder, or named by the environment. What is not there is one sentence that says what to do.
 */
import { type Database, type History, historyStanding, openDatabase, openHistory } from '@plimsoll/storage';
import type { Command } from 'commander';
import { Fault } from '../fault.js';
import { defaultData, readRun } from '../up/data-folder.js';

export interface WhereOptions {
  data: string;
  databaseUrl?: string;
  clickhouseUrl?: string;
}

export interface Stores {
  db: Database;
  history: History;
  close(): Promise<void>;
}

/** One query of a person may read everything that is kept. */
const QUERY_MS = 600_000;

export function addWhereOptions(command: Command): Command {
  return command
    .option('--data <dir>', 'data folder of the running installation', defaultData)
    .option('--database-url <url>', 'PostgreSQL, where not the running installation (or DATABASE_URL)')
    .option('--clickhouse-url <url>', 'ClickHouse, where not the running installation (or CLICKHOUSE_URL)');
}

/** @throws Fault where nothing is named, or no history can be asked. */
export async function openStores(options: WhereOptions): Promise<Stores> {
  const { databaseUrl, historyUrl } = await whereabouts(options);
  const history = openHistory(historyUrl, { max: 2, timeoutMs: QUERY_MS });
  const database = openDatabase(databaseUrl, { max: 2 });
  const close = async () => {
    await history.close();
    await database.close();
  };
  const { state, reason } = await historyStanding(history);
  if (state === 'on') return { db: database.db, history, close };
  await close();
  throw new Fault(
    `The history of requests cannot be read: ${reason ?? state}${state === 'preparing' ? ' Try again in a minute.' : ''}`,
  );
}

async function whereabouts(options: WhereOptions): Promise<{ databaseUrl: string; historyUrl: string }> {
  const run = options.databaseUrl && options.clickhouseUrl ? undefined : await readRun(options.data);
  const databaseUrl = options.databaseUrl ?? run?.databaseUrl ?? process.env['DATABASE_URL'];
  const historyUrl = options.clickhouseUrl ?? run?.historyUrl ?? process.env['CLICKHOUSE_URL'];
  if (!databaseUrl) {
    throw new Fault(
      `Plimsoll does not run on ${options.data}: start it with npm start, name its data folder with --data, or give --database-url and --clickhouse-url.`,
    );
  }
  if (historyUrl) return { databaseUrl, historyUrl };
  throw new Fault(
    run
      ? 'Plimsoll keeps no history of requests: start it without --no-history, or with CLICKHOUSE_URL, and requests are kept from then on.'
      : 'No history of requests is named: give --clickhouse-url or set CLICKHOUSE_URL.',
  );
}
