/** `plimsoll keys rotate`: moves the ring of keys that sign access tokens on before its time, or, in an emergency, throws all of them away. */
import { dropSigningKeys, openDatabase, openRedis, publishLive, rotateSigningKeys } from '@plimsoll/storage';
import type { Command } from 'commander';
import { Fault } from '../fault.js';
import { defaultData, readRun } from '../up/data-folder.js';

interface RotateOptions {
  data: string;
  emergency?: true;
}

const ANNOUNCE_MS = 2_000;

/** The stores of the product running on the folder, or those that the environment names. */
async function whereabouts(folder: string): Promise<{ databaseUrl: string; redisUrl: string }> {
  const run = await readRun(folder);
  if (run) return run;
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl };
  throw new Fault(
    `Plimsoll does not run on ${folder}: start it with npm start, name its data folder with --data, or set DATABASE_URL and REDIS_URL.`,
  );
}

/** Admin processes look by themselves every five seconds; this only makes it sooner. */
async function announce(redisUrl: string): Promise<boolean> {
  const redis = openRedis(redisUrl, 'keys');
  try {
    const published = publishLive(redis, process.env['PLIMSOLL_NAMESPACE'] ?? 'plimsoll', { type: 'keys-changed' });
    const late = new Promise<false>((resolve) => setTimeout(resolve, ANNOUNCE_MS, false).unref());
    return await Promise.race([published.then(() => true), late]);
  } finally {
    redis.disconnect();
  }
}

async function change(databaseUrl: string, emergency: boolean): Promise<string> {
  const database = openDatabase(databaseUrl, { max: 1 });
  try {
    if (emergency) {
      const dropped = await dropSigningKeys(database.db, Date.now());
      return `${dropped} keys thrown away: no access token that was issued until now counts. Open pages get new ones by themselves.`;
    }
    const rotation = await rotateSigningKeys(database.db, Date.now());
    if (rotation.type === 'rotated')
      return `Tokens are signed by ${rotation.kid} from now on. The key before it verifies for another hour.`;
    if (rotation.type === 'none') throw new Fault('There are no keys here: an admin process makes them when it starts.');
    const minutes = Math.ceil(rotation.waitMs / 60_000);
    throw new Fault(
      `The next key is not known everywhere yet: try again in ${minutes} min. Is a key in wrong hands? Then use --emergency.`,
    );
  } finally {
    await database.close();
  }
}

async function rotate({ data, emergency = undefined }: RotateOptions): Promise<void> {
  const { databaseUrl, redisUrl } = await whereabouts(data);
  const done = await change(databaseUrl, emergency === true);
  const announced = await announce(redisUrl);
  process.stdout.write(`${done}\n${announced ? '' : 'Redis does not answer: admin processes notice within 5 s.\n'}`);
}

export function register(program: Command): void {
  const keys = program.command('keys').description('the keys that sign access tokens');
  keys
    .command('rotate')
    .description('let the next key sign from now on')
    .option('--emergency', 'throw all keys away at once: every access token until now is void')
    .option('--data <dir>', 'data folder of the running installation', defaultData)
    .action((options: RotateOptions) => rotate(options));
}
