/** Redis, PostgreSQL and the history for `up`: private ones under supervision, or those that REDIS_URL, DATABASE_URL and CLICKHOUSE_URL name. */
import { join, resolve } from 'node:path';
import { openRedis } from '@plimsoll/storage';
import { Fault, textOf } from '../fault.js';
import { type HistoryStore, startHistory } from '../stores/history.js';
import { startPostgres } from '../stores/postgres.js';
import { type Store, type StoreOptions, startRedis } from '../stores/redis.js';
import type { Stage } from './stage.js';

const ANSWER_WITHIN_MS = 5_000;

export interface HistoryUrls {
  /** For who writes, and for who only reads. */
  writer: string;
  reader: string;
  /** Ours, in the data folder. */
  isPrivate: boolean;
}

export interface Stores {
  databaseUrl: string;
  redisUrl: string;
  /** Where the private PostgreSQL keeps its data. */
  postgresData: string | undefined;
  /** Undefined where no history is kept. */
  history: HistoryUrls | undefined;
}

/** Starts a private store and keeps it running; a new start keeps its port, which the other parts know. */
async function keep<S extends Store>(
  stage: Stage,
  name: string,
  dir: string,
  start: (options: StoreOptions) => Promise<S>,
): Promise<S> {
  let last: S | undefined;
  await stage.start(name, async (onLog) => {
    const onProgress = (sentence: string) => stage.say(`  ${name}: ${sentence}`);
    last = await start({ dir, onLog, onProgress, ...(last && { port: last.port }) });
    return last;
  });
  if (!last) throw new Error(`${name} started without a server`);
  return last;
}

/** A client waits for its server for ever; a person should not. */
async function requireRedis(url: string): Promise<string> {
  const redis = openRedis(url, 'up');
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, 'silence');
  });
  try {
    if ((await Promise.race([redis.ping(), silence])) !== 'silence') return url;
    throw new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`);
  } catch (error) {
    throw new Fault(`The Redis that REDIS_URL names does not serve (${textOf(error)}): start it or correct REDIS_URL.`, 78);
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}

/** Serves at once; the engine may come later, which is said then. One that is not to be had keeps nothing from starting. */
async function privateHistory(stage: Stage, folder: string): Promise<HistoryUrls> {
  const engines = process.env['PLIMSOLL_HISTORY_ENGINE'];
  const start = (options: StoreOptions) => startHistory({ ...options, ...(engines && { engines: resolve(engines) }) });
  const { url, readerUrl }: HistoryStore = await keep(stage, 'history', join(folder, 'history'), start);
  return { writer: url, reader: readerUrl, isPrivate: true };
}

function historyFor(stage: Stage, folder: string, wanted: boolean): Promise<HistoryUrls> | HistoryUrls | undefined {
  const { CLICKHOUSE_URL: writer, CLICKHOUSE_READER_URL: reader = writer } = process.env;
  if (!wanted) return undefined;
  return writer && reader ? { writer, reader, isPrivate: false } : privateHistory(stage, folder);
}

/** @param history false: none is kept */
export async function startStores(folder: string, stage: Stage, { history: wanted }: { history: boolean }): Promise<Stores> {
  const { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl } = process.env;
  const [redis, postgres, history] = await Promise.all([
    redisUrl ? requireRedis(redisUrl) : keep(stage, 'redis', join(folder, 'redis'), startRedis).then(({ url }) => url),
    databaseUrl ? undefined : keep(stage, 'postgres', join(folder, 'postgres'), startPostgres),
    historyFor(stage, folder, wanted),
  ]);
  return { redisUrl: redis, databaseUrl: databaseUrl ?? postgres?.url ?? '', postgresData: postgres?.data, history };
}
