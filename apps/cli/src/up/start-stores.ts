/** Redis and PostgreSQL for `up`: private ones under supervision, or those that REDIS_URL and DATABASE_URL name. */
import { join } from 'node:path';
import { openRedis } from '@plimsoll/storage';
import { Fault, textOf } from '../fault.js';
import { startPostgres } from '../stores/postgres.js';
import { type Store, type StoreOptions, startRedis } from '../stores/redis.js';
import type { Stage } from './stage.js';

const ANSWER_WITHIN_MS = 5_000;

export interface Stores {
  databaseUrl: string;
  redisUrl: string;
  /** Where the private PostgreSQL keeps its data. */
  postgresData: string | undefined;
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

export async function startStores(folder: string, stage: Stage): Promise<Stores> {
  const { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl } = process.env;
  const [redis, postgres] = await Promise.all([
    redisUrl ? requireRedis(redisUrl) : keep(stage, 'redis', join(folder, 'redis'), startRedis).then(({ url }) => url),
    databaseUrl ? undefined : keep(stage, 'postgres', join(folder, 'postgres'), startPostgres),
  ]);
  return { redisUrl: redis, databaseUrl: databaseUrl ?? postgres?.url ?? '', postgresData: postgres?.data };
}
