/** The admin server as main.ts starts it, in this process, and people who are signed in. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Context, createApp, readEnv } from '@plimsoll/admin';
import { adminApi, type Session } from '@plimsoll/contracts';
import { createPerson, openDatabase, openRedis, openSession } from '@plimsoll/storage';
import { pino } from 'pino';
import { KeyHolder } from '../../test/setup/key-holder.js';
import { freePorts } from '../../test/setup/product.js';
import type { Stores } from './stores.js';

export interface OwnApp {
  app: Awaited<ReturnType<typeof createApp>>;
  context: Context;
  /** Where it listens; its public origin is that of the first one. */
  url: string;
  origin: string;
  close(): Promise<void>;
}
export interface SignedIn {
  holder: KeyHolder;
  session: Session;
}

/** @param shared another one whose installation this is a second process of. */
export async function openApp(
  { databaseUrl, redisUrl }: Stores,
  { shared, now = Date.now }: { shared?: OwnApp; now?: () => number } = {},
): Promise<OwnApp> {
  const port = await freePorts();
  const url = `http://localhost:${port}`;
  const origin = shared?.origin ?? url;
  const key = (of: Buffer | undefined) => (of ?? randomBytes(32)).toString('base64url');
  const env = readEnv({
    ...{ PLIMSOLL_NAMESPACE: 'bench', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, PUBLIC_URL: origin, PORT: String(port) },
    PLIMSOLL_MASTER_KEY: key(shared?.context.env.PLIMSOLL_MASTER_KEY),
    PLIMSOLL_FEED_KEY: key(shared?.context.env.PLIMSOLL_FEED_KEY),
  });
  const database = openDatabase(databaseUrl, { max: 10 });
  const redis = openRedis(redisUrl, 'admin', { impatientMs: 1_000 });
  const subscriber = openRedis(redisUrl, 'admin-live');
  const log = pino({ level: 'silent' });
  const context: Context = { env, db: database.db, redis, subscriber, history: undefined, now, log };
  // One person stands for many: its budget of calls would be what is measured.
  const app = await createApp(context, { calls: { calls: Number.MAX_SAFE_INTEGER, windowMs: 1_000 } });
  const close = async () => {
    await app.close();
    redis.disconnect();
    subscriber.disconnect();
    await database.close();
  };
  await app.listen(port, 'localhost');
  const { port: bound } = app.getHttpServer().address() as AddressInfo;
  return { app, context, url: `http://localhost:${bound}`, origin, close };
}

/** Somebody new, with the first tokens of a session. By a refresh, since sign-ins are held to a pace. */
export async function signIn(
  { context, url, origin }: OwnApp,
  { role = 'owner', amr = 'passkey' }: { role?: 'owner' | 'viewer'; amr?: 'passkey' | 'link' } = {},
): Promise<SignedIn> {
  const holder = new KeyHolder();
  const at = context.now();
  const { id: personId } = await createPerson(context.db, { name: 'Ada', role }, at);
  const begun = { personId, userAgent: 'bench', jkt: holder.jkt, amr } as const;
  const { refreshToken } = await context.db.transaction((tx) => openSession(tx, begun, at));
  const headers = { origin, cookie: `__Host-plimsoll-refresh=${refreshToken}` };
  const answer = await holder.fetch(url + adminApi.refresh.path, { method: 'POST', headers }, { origin });
  if (answer.status !== 200) throw new Error(`refresh: ${answer.status} ${await answer.text()}`);
  return { holder, session: (await answer.json()) as Session };
}
