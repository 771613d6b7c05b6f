/** The data door on a real port, with a database and a Redis namespace of its own, a service `shop` and its key. */
import { Writable } from 'node:stream';
import { type Env, type IngestApp, type IngestOptions, readEnv, startIngest } from '@plimsoll/ingest';
import {
  createKey,
  createService,
  type Database,
  openDatabase,
  openRedis,
  pinOf,
  type Redis,
  turnFeedKeys,
} from '@plimsoll/storage';
import { pino } from 'pino';
import { inject } from 'vitest';
import { freshDatabase, randomNamespace } from './database.js';

/** Seals the keys of the feed in every test. */
export const FEED_KEY = Buffer.alloc(32, 9).toString('base64url');

/** What a reader of the feed says for its greeting. */
export const NONCE = { 'plimsoll-nonce': 'nonce-of-a-test-0001' };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}
export interface QueuedJob {
  id: string;
  shard: number;
  data: { service: string; batch: string; receivedAt: number; requests: Record<string, unknown>[] };
}

export class IngestServer {
  private constructor(
    readonly app: IngestApp,
    readonly db: Database,
    readonly redis: Redis,
    readonly env: Env,
    /** Text of the key of `shop`. */
    readonly key: string,
    private readonly closeDatabase: () => Promise<void>,
    private readonly lines: string[],
  ) {}

  static async start(env: NodeJS.ProcessEnv = {}, options: Omit<IngestOptions, 'log'> = {}): Promise<IngestServer> {
    const databaseUrl = env['DATABASE_URL'] ?? (await freshDatabase());
    const redisUrl = env['REDIS_URL'] ?? inject('redisUrl');
    const found = readEnv({
      HOST: '127.0.0.1',
      PORT: '0',
      PLIMSOLL_NAMESPACE: randomNamespace(),
      PLIMSOLL_FEED_KEY: FEED_KEY,
      ...env,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
    });
    if ('faults' in found) throw new Error(found.faults.join('; '));
    const lines: string[] = [];
    const { db, close } = openDatabase(databaseUrl, { max: 4 });
    await createService(db, { id: 'shop' }, Date.now());
    const pin = pinOf(await turnFeedKeys(db, found.env.PLIMSOLL_FEED_KEY, Date.now()));
    const { secret } = await createKey(db, { service: 'shop', name: 'test', pin }, Date.now());
    const app = await IngestServer.startOn(found.env, options, lines);
    return new IngestServer(app, db, openRedis(redisUrl, 'test'), found.env, secret, close, lines);
  }

  /** The door alone, on stores that need not be there. */
  static startOn(env: Env, options: Omit<IngestOptions, 'log'> = {}, lines: string[] = []): Promise<IngestApp> {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    });
    return startIngest(env, { ...options, log: pino({ level: 'trace' }, stream) });
  }

  /** Everything that the process has logged. */
  logged(): string {
    return this.lines.join('');
  }

  async call(path: string, init: RequestInit & { key?: string | null } = {}): Promise<Answer> {
    const { key = this.key, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (key !== null) headers.set('authorization', `Bearer ${key}`);
    const response = await fetch(this.app.url + path, { ...rest, headers });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  }

  /** Sends a body as it stands, by default as JSON. */
  send(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, key?: string | null): Promise<Answer> {
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
    return this.call('/v1/requests', key === undefined ? init : { ...init, key });
  }

  sendLogs(requests: unknown[], headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(JSON.stringify({ requests }), headers);
  }

  /** What waits in the queues, by shard. */
  async queued(): Promise<QueuedJob[]> {
    const jobs: QueuedJob[] = [];
    for (let shard = 0; shard < this.env.PLIMSOLL_SHARDS; shard += 1) {
      const base = `{${this.env.PLIMSOLL_NAMESPACE}-${shard}}:requests-${shard}`;
      for (const id of await this.redis.lrange(`${base}:wait`, 0, -1)) {
        const data = await this.redis.hget(`${base}:${id}`, 'data');
        jobs.push({ id, shard, data: JSON.parse(data ?? 'null') });
      }
    }
    return jobs;
  }

  async stop(): Promise<void> {
    await this.app.stop();
    this.redis.disconnect();
    await this.closeDatabase();
  }
}

/** A request log as an SDK sends it. */
export const log = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  ts: Date.now(),
  method: 'GET',
  route: '/items/:id',
  path: '/items/7',
  status: 200,
  durationMs: 3.5,
  ip: '192.0.2.7',
  actor: 'ada',
  ...fields,
});
