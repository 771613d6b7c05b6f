/** A history of the test's own: a database in the one ClickHouse of the run (stores.ts), with its tables. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestLog } from '@plimsoll/contracts';
import { type History, historyStanding, insertLines, migrateHistory, openHistory, toLine } from '@plimsoll/storage';
import { inject, onTestFinished } from 'vitest';

/** A machine that has no engine yet fetches it within the first test that needs one. */
export const ENGINE_WITHIN_MS = 180_000;

export interface OwnHistory {
  history: History;
  /** For who writes. */
  url: string;
  /** For who only reads. */
  readerUrl: string;
  drop(): Promise<void>;
}

async function untilOn(history: History): Promise<void> {
  const end = Date.now() + ENGINE_WITHIN_MS;
  for (;;) {
    const { state, reason } = await historyStanding(history);
    if (state === 'on') return;
    if (state === 'off' || Date.now() > end) throw new Error(`no engine for tests of the history: ${reason}`);
    await sleep(200);
  }
}

/** @param tables false: an empty database */
export async function ownHistory({ tables = true } = {}): Promise<OwnHistory> {
  const root = openHistory(inject('historyUrl'));
  await untilOn(root);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await root.client.command({ query: `CREATE DATABASE ${name}` });
  const url = `${inject('historyUrl')}/${name}`;
  const history = openHistory(url);
  if (tables) await migrateHistory(history);
  const drop = async () => {
    await history.close();
    await root.client.command({ query: `DROP DATABASE ${name} SYNC` });
    await root.close();
  };
  return { history, url, readerUrl: `${inject('historyReaderUrl')}/${name}`, drop };
}

/** As {@link ownHistory}, dropped when the test that asks for it ends. */
export async function testHistory(options?: { tables?: boolean }): Promise<OwnHistory> {
  const own = await ownHistory(options);
  onTestFinished(own.drop);
  return own;
}

/** Keeps these logs as the worker would, received today. */
export async function keepLogs(
  history: History,
  service: string,
  logs: readonly RequestLog[],
  endpointOf: (log: RequestLog) => string = ({ method, path }) => `${method} ${path}`,
): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  const lines = logs.map((log) => toLine(service, endpointOf(log), log, today));
  await insertLines(history, randomBytes(12).toString('hex'), lines);
}
