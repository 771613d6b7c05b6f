/**
 * Who works on which shard. A lease in PostgreSQL says it, with a generation that grows whenever the shard changes hands:
 * a commit with an older generation is refused (batches.ts), so that a worker that slept through its lease harms nothing.
 * Workers announce themselves in Redis, and each takes at most its even part.
 */
import { and, eq, inArray, lt, or, sql } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import type { Database } from './database.js';
import { shard } from './schema.js';

/** Without renewal a shard is free after this time. */
export const LEASE_MS = 10_000;

/** Milliseconds by the database's clock: the workers' own may differ. */
const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

export interface Lease {
  shard: number;
  generation: number;
}

/** Makes the rows of shards 0 to `count - 1` where they are missing. */
export async function ensureShards(db: Database, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, id) => ({ id }));
  await db.insert(shard).values(rows).onConflictDoNothing();
}

/** Takes up to `most` of the first `count` shards that are free or whose lease has run out. */
export async function takeShards(db: Database, owner: string, count: number, most: number): Promise<Lease[]> {
  if (most <= 0) return [];
  return db.transaction(async (tx) => {
    const free = await tx
      .select({ id: shard.id })
      .from(shard)
      .where(and(lt(shard.id, count), lt(shard.leaseUntil, now)))
      .orderBy(sql`random()`)
      .limit(most)
      .for('update', { skipLocked: true });
    if (free.length === 0) return [];
    const ids = free.map(({ id }) => id);
    return tx
      .update(shard)
      .set({ owner, generation: sql`${shard.generation} + 1`, leaseUntil: sql`${now} + ${LEASE_MS}::bigint` })
      .where(inArray(shard.id, ids))
      .returning({ shard: shard.id, generation: shard.generation });
  });
}

const held = (leases: readonly Lease[]) =>
  or(...leases.map((lease) => and(eq(shard.id, lease.shard), eq(shard.generation, lease.generation))));

/** Prolongs leases. @returns the shards that are still held; the others belong to somebody else now. */
export async function renewShards(db: Database, leases: readonly Lease[]): Promise<number[]> {
  if (leases.length === 0) return [];
  const rows = await db
    .update(shard)
    .set({ leaseUntil: sql`${now} + ${LEASE_MS}::bigint` })
    .where(held(leases))
    .returning({ id: shard.id });
  return rows.map(({ id }) => id);
}

/** Gives shards back at once. */
export async function releaseShards(db: Database, leases: readonly Lease[]): Promise<void> {
  if (leases.length > 0) await db.update(shard).set({ owner: null, leaseUntil: 0 }).where(held(leases));
}

const workersKey = (namespace: string) => `${namespace}:workers`;

// KEYS: sorted set of workers by the time until which they are believed to live, on Redis's clock. ARGV: worker, milliseconds.
const ANNOUNCE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

/**
 * Says that this worker lives.
 *
 * @returns how many of `count` shards are its even part. The parts of all workers add up to `count` once all know of all.
 */
export async function announceWorker(redis: Redis, namespace: string, owner: string, count: number): Promise<number> {
  const answer = await redis.eval(ANNOUNCE, 1, workersKey(namespace), owner, LEASE_MS);
  const workers = Array.isArray(answer) ? answer.map(String).sort() : [owner];
  const remainder = count % workers.length;
  return Math.floor(count / workers.length) + (workers.indexOf(owner) < remainder ? 1 : 0);
}

export async function retractWorker(redis: Redis, namespace: string, owner: string): Promise<void> {
  await redis.zrem(workersKey(namespace), owner);
}
