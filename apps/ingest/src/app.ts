/** The process without its process: opens the stores, listens, and stops in order. main.ts and the tests start the same one. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openDatabase, openRedis, RequestQueue, subscribeFeed, subscribeRisks, subscribeShares } from '@plimsoll/storage';
import type { Logger } from 'pino';
import { MemoryBudget } from './body.js';
import { Counters } from './counters.js';
import { Door } from './door.js';
import type { Env } from './env.js';
import { FeedHub, VERSION_BELIEVED_MS } from './feed-hub.js';
import { FeedKeys, KEYS_ASKED_MS } from './feed-keys.js';
import { FeedReaders } from './feed-readers.js';
import { FeedKeyRing } from './feed-ring.js';
import { HTTP_LIMITS, type HttpLimits, openHttp } from './http.js';
import { ingestModule } from './ingest.module.js';
import { KeyCache } from './key-cache.js';
import { Receipts } from './receipts.js';
import { RiskBoard } from './risk-board.js';
import { Shares } from './shares.js';

const MAX_CONNECTIONS_TO_DATABASE = 10;
/** A client waits for the answer: without Redis it hears so soon. */
const REDIS_IMPATIENT_MS = 2_000;
const WRITE_USES_MS = 10_000;
const CROWD_BELIEVED_MS = 1_000;

export interface IngestApp {
  /** Where it listens: `http://127.0.0.1:7071`. */
  url: string;
  counters: Counters;
  /** Clients that wait for decisions now, by stream or poll. */
  waiting(): number;
  /** Bytes of bodies held now. */
  heldBytes(): number;
  /** Takes no more, answers what is under way, writes what is left. */
  stop(): Promise<void>;
}
export interface IngestOptions {
  log: Logger;
  now?: () => number;
  limits?: HttpLimits;
  /** Between two signs of life on a stream of decisions, milliseconds. */
  beatMs?: number;
}

/**
 * Starts the door and listens. Redis may be away: what needs it is then answered 503.
 *
 * @throws where the address cannot be listened on; everything is closed again by then.
 */
export async function startIngest(env: Env, options: IngestOptions): Promise<IngestApp> {
  const { log, now = Date.now, limits = HTTP_LIMITS, beatMs } = options;
  const database = openDatabase(env.DATABASE_URL, { max: MAX_CONNECTIONS_TO_DATABASE });
  const redis = openRedis(env.REDIS_URL, 'ingest', { impatientMs: REDIS_IMPATIENT_MS });
  const subscriber = openRedis(env.REDIS_URL, 'ingest-feed');
  const module = ingestModule({
    db: database.db,
    redis,
    namespace: env.PLIMSOLL_NAMESPACE,
    shards: env.PLIMSOLL_SHARDS,
    keyRate: env.PLIMSOLL_KEY_RATE,
    feedSecret: env.PLIMSOLL_FEED_KEY,
    beatMs,
    now,
    log,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, openHttp(limits, env.TRUSTED_PROXIES), {
    bodyParser: false,
    abortOnError: false,
    logger: false,
  });
  const feeds = app.get(FeedHub);
  const keys = app.get(KeyCache);
  const counters = app.get(Counters);
  const ring = app.get(FeedKeyRing);
  ring.start();
  // Not awaited: without Redis the door is open and says 503; the subscription stands as soon as there is one.
  const board = app.get(RiskBoard);
  const shares = app.get(Shares);
  Promise.all([
    subscribeFeed(subscriber, env.PLIMSOLL_NAMESPACE, (announcement) => feeds.announced(announcement)),
    subscribeRisks(subscriber, env.PLIMSOLL_NAMESPACE, (service) => board.announced(service)),
    subscribeShares(subscriber, env.PLIMSOLL_NAMESPACE, (service) => shares.changed(service)),
  ]).catch((err) => log.warn({ err }, 'no announcements of decisions'));
  const readers = app.get(FeedReaders);
  const feedKeys = app.get(FeedKeys);
  const timers = [
    setInterval(() => void shares.recheck(readers.services), CROWD_BELIEVED_MS),
    setInterval(() => void feeds.recheck().catch(() => {}), VERSION_BELIEVED_MS),
    setInterval(() => void feedKeys.recheck().catch(() => {}), KEYS_ASKED_MS),
    setInterval(() => void keys.writeUses(), WRITE_USES_MS),
  ];
  const stopCounting = counters.writeTo(log);
  const stop = async () => {
    for (const timer of timers) clearInterval(timer);
    feeds.close(); // First, since the server ends when everybody is answered.
    readers.stop();
    ring.stop();
    await app.close();
    await keys.writeUses();
    await app.get(Receipts).flush();
    await app.get(Door).flush();
    await app.get(RequestQueue).close();
    stopCounting();
    redis.disconnect();
    subscriber.disconnect();
    await database.close();
  };
  try {
    await app.listen(env.PORT, env.HOST);
  } catch (error) {
    await stop();
    throw error;
  }
  const memory = app.get(MemoryBudget);
  return { url: addressOf(app), counters, waiting: () => feeds.waiting, heldBytes: () => memory.heldBytes, stop };
}

function addressOf(app: NestFastifyApplication): string {
  const [address] = app.getHttpAdapter().getInstance().addresses();
  if (typeof address !== 'object') throw new Error('the server does not listen');
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}
