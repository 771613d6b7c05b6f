/** Wires the door: each part is made here from the stores, with the clock given, and handed to those that use it. */
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import {
  announceFeed,
  announceRisks,
  countAtDoor,
  type Database,
  feedSince,
  feedSnapshot,
  feedVersions,
  findInstanceKey,
  findKeyByPrefix,
  findKeysByPrefix,
  getService,
  noteReceipts,
  publishLive,
  type Redis,
  RequestQueue,
  readCrowd,
  readRisks,
  registerInstance,
  shareOut,
  takeProof,
  takeSignedBatch,
  touchKeys,
} from '@plimsoll/storage';
import type { Logger } from 'pino';
import { Admission } from './admission.js';
import { MemoryBudget } from './body.js';
import { Counters } from './counters.js';
import { DemandController } from './demand.controller.js';
import { Door } from './door.js';
import { FeedController } from './feed.controller.js';
import { FeedFrames } from './feed-frames.js';
import { FeedHub } from './feed-hub.js';
import { FeedKeys } from './feed-keys.js';
import { FeedReaders } from './feed-readers.js';
import { FeedKeyRing } from './feed-ring.js';
import { HealthController, STORES_ANSWER, type StoresAnswer } from './health.controller.js';
import { InstancesController } from './instances.controller.js';
import { KeyGuard } from './key.guard.js';
import { KeyCache } from './key-cache.js';
import { LOG } from './log.js';
import { ProblemFilter } from './problem.filter.js';
import { ProblemError } from './problem.js';
import { ProofsController } from './proofs.controller.js';
import { Proofs } from './proofs.js';
import { RateLimit } from './rate-limit.js';
import { ReceiptsController } from './receipts.controller.js';
import { Receipts } from './receipts.js';
import { INGESTION, type Ingestion, RequestsController } from './requests.controller.js';
import { RiskBoard } from './risk-board.js';
import { Shares } from './shares.js';
import { SignedBatches } from './signed-batches.js';

export interface Context {
  db: Database;
  /** A connection that fails fast. */
  redis: Redis;
  namespace: string;
  shards: number;
  /** Request logs a second of one key. */
  keyRate: number;
  /** Opens the keys that sign the feed. */
  feedSecret: Buffer;
  /** Between two signs of life on a stream, milliseconds. */
  beatMs?: number | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger;
}
/** Ten seconds' worth may come at once: an SDK's spool after an outage, a shipped file. */
const BURST_SECONDS = 10;

@Module({})
class IngestModule {}

export function ingestModule(context: Context): DynamicModule {
  return {
    module: IngestModule,
    controllers: [
      RequestsController,
      FeedController,
      ReceiptsController,
      ProofsController,
      InstancesController,
      DemandController,
      HealthController,
    ],
    providers: [
      { provide: APP_GUARD, useClass: KeyGuard },
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: LOG, useValue: context.log },
      ...providers(context),
    ],
  };
}

function providers(context: Context): Provider[] {
  const { db, redis, namespace, shards, keyRate, now } = context;
  const queue = new RequestQueue(redis, { namespace, shards });
  const counters = new Counters();
  const drop = (name: string) => counters.drop(name);
  const keys = new KeyCache({
    find: (prefix) => findKeyByPrefix(db, prefix),
    findAll: (prefixes) => findKeysByPrefix(db, prefixes),
    touch: (uses) => touchKeys(db, uses),
    now,
    onDrop: drop,
  });
  const rate = new RateLimit({ perSecond: keyRate, burst: keyRate * BURST_SECONDS, onDrop: () => drop('key-rates') });
  const ingestion: Ingestion = { shards, now, enqueue: (batches) => queue.enqueue([...batches]) };
  // Any service will do: a query that needs the tables, not only the server.
  const storesAnswer: StoresAnswer = () => Promise.all([feedVersions(db, ['-']), redis.ping()]);
  return [
    { provide: Counters, useValue: counters },
    { provide: RequestQueue, useValue: queue },
    { provide: KeyCache, useValue: keys },
    ...feedProviders(context, counters, keys),
    {
      provide: Receipts,
      useValue: new Receipts({
        note: (receipts) => noteReceipts(redis, namespace, receipts),
        tell: (services) => publishLive(redis, namespace, { type: 'receipts', services }),
        onDrop: () => drop('receipts'),
        log: context.log,
      }),
    },
    ...signatureProviders(context, counters),
    { provide: Proofs, useValue: proofs(context, counters) },
    { provide: RateLimit, useValue: rate },
    { provide: MemoryBudget, useValue: new MemoryBudget() },
    { provide: Admission, useValue: new Admission({ backlog: (at) => queue.backlog(at), now }) },
    { provide: INGESTION, useValue: ingestion },
    { provide: STORES_ANSWER, useValue: storesAnswer },
  ];
}

function signatureProviders({ redis, namespace, now, log }: Context, counters: Counters): Provider[] {
  const signed = new SignedBatches({
    register: (keyId, instance, key) => registerInstance(redis, namespace, keyId, instance, key),
    find: (keyId, instance) => findInstanceKey(redis, namespace, keyId, instance),
    take: (keyId, instance, batch) => takeSignedBatch(redis, namespace, keyId, instance, batch),
    now,
    onDrop: (name) => counters.drop(name),
  });
  const door = new Door({ write: (counts) => countAtDoor(redis, namespace, counts, now()), log });
  return [
    { provide: SignedBatches, useValue: signed },
    { provide: Door, useValue: door },
  ];
}

function proofs({ db, redis, namespace, now, log }: Context, counters: Counters): Proofs {
  return new Proofs({
    take: (report) => reach(takeProof(db, report, now())),
    announce: (service, version) => announceFeed(redis, namespace, service, version),
    announceRisks: (service) => announceRisks(redis, namespace, service),
    publish: (message) => publishLive(redis, namespace, message),
    now,
    onDrop: () => counters.drop('proof-rates'),
    log,
  });
}

function feedProviders(context: Context, counters: Counters, keys: KeyCache): Provider[] {
  const { db, redis, namespace, feedSecret, beatMs, now, log } = context;
  const hub = new FeedHub({
    feedSince: (service, since, mark) => reach(feedSince(db, service, since, now(), mark)),
    versions: (services) => reach(feedVersions(db, services)),
    now,
  });
  const board = new RiskBoard({
    read: (service, at) => readRisks(db, service, at),
    now,
    onDrop: (count) => counters.drop('risks', count),
    log,
  });
  const ring = new FeedKeyRing({ db, secret: feedSecret, now, log });
  const environment = async (service: string) => (await reach(getService(db, service)))?.environment ?? '';
  const shares = new Shares({
    shareOut: (asking) => shareOut(redis, namespace, asking),
    readCrowd: (service, most) => readCrowd(redis, namespace, service, now(), most),
    environment,
    signer: () => ring.ring.signer,
    now,
    onDrop: () => counters.drop('shares'),
  });
  const frames = new FeedFrames({
    ring: () => ring.ring,
    environment,
    crowd: (service) => shares.crowd(service),
    snapshot: (service, take) => reach(feedSnapshot(db, service, now(), take)),
    now,
    onDrop: (name) => counters.drop(name),
  });
  const feedKeys = new FeedKeys(
    (prefixes) => keys.endedAmong(prefixes),
    () => counters.drop('ended-readers'),
  );
  const readers = new FeedReaders({ hub, frames, ring, board, keys: feedKeys, counters }, beatMs);
  shares.onNews = (service) => readers.beat(service);
  return [
    { provide: FeedHub, useValue: hub },
    { provide: FeedKeys, useValue: feedKeys },
    { provide: FeedKeyRing, useValue: ring },
    { provide: RiskBoard, useValue: board },
    { provide: Shares, useValue: shares },
    { provide: FeedReaders, useValue: readers },
  ];
}

/** Without the database decisions are a 503 with the cause in the log. */
async function reach<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (cause) {
    throw new ProblemError('unavailable', 'Decisions are out of reach', { retryAfterSeconds: 2, cause });
  }
}
