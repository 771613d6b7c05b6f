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

export interface Lease {
  shard: number;
  generation: number;
}

/** Makes the rows of shards 0 to `count - 1` where they are missing. */
export async function ensureShards(db: Database, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, id) => ({ id }));
  await db.insert(shard).values(rows).onConflictDoNothing();
}

/** Takes up to `most` of the first `count` shards that are free or whose lease has run out. `now`: milliseconds. */
export async function takeShards(db: Database, owner: string, count: number, most: number, now: number): Promise<Lease[]> {
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
      .set({ owner, generation: sql`${shard.generation} + 1`, leaseUntil: now + LEASE_MS })
      .where(inArray(shard.id, ids))
      .returning({ shard: shard.id, generation: shard.generation });
  });
}

const held = (leases: readonly Lease[]) =>
  or(...leases.map((lease) => and(eq(shard.id, lease.shard), eq(shard.generation, lease.generation))));

/** Prolongs leases. @returns the shards that are still held; the others belong to somebody else now. */
export async function renewShards(db: Database, leases: readonly Lease[], now: number): Promise<number[]> {
  if (leases.length === 0) return [];
  const rows = await db
    .update(shard)
    .set({ leaseUntil: now + LEASE_MS })
    .where(held(leases))
    .returning({ id: shard.id });
  return rows.map(({ id }) => id);
}

/** Gives shards back at once. */
export async function releaseShards(db: Database, leases: readonly Lease[]): Promise<void> {
  if (leases.length > 0) await db.update(shard).set({ owner: null, leaseUntil: 0 }).where(held(leases));
}

const workersKey = (namespace: string) => `${namespace}:workers`;

/** Says that this worker lives. @returns how many do. */
export async function announceWorker(redis: Redis, namespace: string, owner: string, now: number): Promise<number> {
  const key = workersKey(namespace);
  const answers = await redis
    .multi()
    .zadd(key, now + LEASE_MS, owner)
    .zremrangebyscore(key, '-inf', now)
    .zcard(key)
    .exec();
  return Math.max(1, Number(answers?.[2]?.[1] ?? 1));
}

export async function retractWorker(redis: Redis, namespace: string, owner: string): Promise<void> {
  await redis.zrem(workersKey(namespace), owner);
}
