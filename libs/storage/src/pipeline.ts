/**
 * Whether what brings the news is well: jobs that wait or were given up, logs that are missing, batches that were refused. Read from
 * Redis and PostgreSQL alone, so that it can be told while workers stand still.
 */
import type { Pipeline } from '@plimsoll/contracts';
import { and, gt, sql } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import type { Database } from './database.js';
import { readDoor } from './door.js';
import { queueName, queuePrefix, RequestQueue } from './queue.js';
import { shard } from './schema.js';
import { historyGap } from './schema-history.js';
import { type Within, withinServices } from './within.js';

const DAY_MS = 86_400_000;
/** Services whose doors are read; of further ones refusals are not counted here. */
const MAX_DOORS = 100;

interface Stores {
  db: Database;
  redis: Redis;
  namespace: string;
}

/** @param services whose drops are told */
export async function readPipeline(
  { db, redis, namespace }: Stores,
  services: readonly string[],
  now: number,
): Promise<Omit<Pipeline, 'services'>> {
  const shards = (await db.select({ id: shard.id }).from(shard)).map(({ id }) => id);
  const [backlog, failed, missing, doors] = await Promise.all([
    new RequestQueue(redis, { namespace, shards: shards.length }).backlog(now),
    Promise.all(shards.map((id) => redis.zcard(`${queuePrefix(namespace, id)}:${queueName(id)}:failed`))),
    missingOf(db, services, now),
    Promise.all(services.slice(0, MAX_DOORS).map((service) => readDoor(redis, namespace, service, now))),
  ]);
  return {
    ...backlog,
    failed: failed.reduce((sum, count) => sum + count, 0),
    missing,
    refused: doors.reduce((sum, door) => sum + door.refusedUnsigned + door.refusedSignature + door.refusedReplayed, 0),
    late: doors.reduce((sum, door) => sum + door.late, 0),
  };
}

async function missingOf(db: Database, within: Within, now: number): Promise<number> {
  const [row] = await db
    .select({ requests: sql<number>`coalesce(sum(${historyGap.requests}), 0)`.mapWith(Number) })
    .from(historyGap)
    .where(and(gt(historyGap.toTs, now - DAY_MS), withinServices(historyGap.service, within)));
  return row?.requests ?? 0;
}
