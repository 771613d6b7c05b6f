/** A product of the benchmark's own with a key to its door, logs that go in, and what came of them. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Database,
  type History,
  historySchema,
  openDatabase,
  openHistory,
  openRedis,
  queueName,
  queuePrefix,
  schema,
  streamLogs,
} from '@plimsoll/storage';
import { type Product, startProduct } from '../../test/setup/product.js';

export interface Loaded {
  product: Product;
  databaseUrl: string;
  db: Database;
  /** Absent where none is kept. */
  history: History | undefined;
  /** What hosts and senders show. */
  key: string;
  /** Sends a batch; its ids, where it was answered 202. */
  send(count: number, prefix: string): Promise<string[]>;
  /** Someone from this address asks for 120 files that are not there, within a minute that ends now; the ids, where it was answered 202. */
  probe(ip: string): Promise<string[]>;
  /** Requests in PostgreSQL's roll-ups. */
  counted(): Promise<number>;
  /** Jobs that wait or are under way, of requests and of what they left for other shards. */
  queued(): Promise<number>;
  /** Requests noted as lost to the history. */
  lost(): Promise<number>;
  /** How often each id is in the history. */
  kept(): Promise<Map<string, number>>;
  stop(): Promise<void>;
}

/** As the product has them where nothing else is said. */
const SHARDS = 4;
const NAMESPACE = 'plimsoll';
const USERS = 500;
const PROBES = 120;
const PATHS = ['/orders', '/orders/1', '/items', '/items/7', '/invoices', '/messages', '/stock/12', '/search'];

/** Each log has its own id, and is of now. */
function batchOf(count: number, prefix: string): string {
  const now = Date.now();
  return JSON.stringify({
    requests: Array.from({ length: count }, (_, index) => ({
      id: `${prefix}-${index}`,
      ts: now - (index % 1_000),
      method: 'GET',
      route: PATHS[index % PATHS.length]?.replace(/\d+/, ':id'),
      path: PATHS[index % PATHS.length],
      status: index % 50 === 0 ? 404 : 200,
      durationMs: 10 + (index % 900) / 100,
      bytesOut: 500 + (index % 1_000),
      ip: `198.51.100.${index % 250}`,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140',
      actor: `user-${(index * 31) % USERS}`,
    })),
  });
}

function probesFrom(ip: string): string {
  const now = Date.now();
  return JSON.stringify({
    requests: Array.from({ length: PROBES }, (_, index) => ({
      id: `${ip}-${index}`,
      ts: now - 500 * (PROBES - 1 - index),
      method: 'GET',
      path: `/old-${index}/setup.php`,
      status: 404,
      durationMs: 1,
      bytesOut: 9,
      ip,
    })),
  });
}

export async function startLoaded(args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Loaded> {
  const product = await startProduct({ args, env: { ...env, TRAFFIC: 'off' } });
  const key = /(plim_[\w-]+)/.exec(product.output())?.[1] ?? '';
  const { databaseUrl, redisUrl } = JSON.parse(await readFile(join(product.data, 'run.json'), 'utf8'));
  const { db, close } = openDatabase(databaseUrl, { max: 2 });
  const queues = queuesOf(redisUrl);
  const history = args.includes('--no-history') ? undefined : await historyOf(product.data);
  const post = async (body: string, batch: string, ids: string[]): Promise<string[]> => {
    const answer = await fetch(new URL('/v1/requests', product.urls.ingest), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'plimsoll-batch': batch },
      body,
    });
    await answer.arrayBuffer();
    return answer.status === 202 ? ids : [];
  };
  const ids = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  return {
    product,
    databaseUrl,
    db,
    history,
    key,
    send: (count, prefix) => post(batchOf(count, prefix), prefix, ids(count, prefix)),
    probe: (ip) => post(probesFrom(ip), `probe-${ip}`, ids(PROBES, ip)),
    counted: async () => (await db.select().from(schema.trafficMinute)).reduce((sum, row) => sum + row.requests, 0),
    queued: queues.queued,
    lost: async () => (await db.select().from(historySchema.historyGap)).reduce((sum, row) => sum + row.requests, 0),
    kept: () => idsOf(history),
    stop: async () => {
      await queues.close();
      await history?.close();
      await close();
      await product.stop();
    },
  };
}

function queuesOf(redisUrl: string) {
  const redis = openRedis(redisUrl, 'bench');
  const keys = Array.from({ length: SHARDS }, (_, shard) => `${queuePrefix(NAMESPACE, shard)}:${queueName(shard)}`);
  const queued = async () => {
    const lengths = await Promise.all(keys.flatMap((key) => [redis.llen(`${key}:wait`), redis.llen(`${key}:active`)]));
    return lengths.reduce((sum, length) => sum + length, 0);
  };
  return { queued, close: () => redis.quit() };
}

async function historyOf(data: string): Promise<History> {
  const { port, password } = JSON.parse(await readFile(join(data, 'history', 'state.json'), 'utf8'));
  return openHistory(`http://writer:${password}@127.0.0.1:${port}`);
}

async function idsOf(history: History | undefined): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  if (!history) return counts;
  for await (const logs of streamLogs(history, { from: Date.now() - 86_400_000, to: Date.now() + 86_400_000 })) {
    for (const { log } of logs) counts.set(log.id, (counts.get(log.id) ?? 0) + 1);
  }
  return counts;
}

/** How many rows there are; none before the worker's first chunk has made the tables. */
export async function rowsOf({ history }: Loaded): Promise<number> {
  if (!history) return 0;
  const query = "SELECT sum(total_rows) AS rows FROM system.tables WHERE database = currentDatabase() AND name = 'request_log'";
  const answer = await history.client.query({ query, format: 'JSONEachRow' });
  const [row] = await answer.json<{ rows: number | null }>();
  return row?.rows ?? 0;
}
