/**
 * Whether everything that came before an erasure is in the history. A finished job is kept in its queue until it is, and which jobs
 * were before says the shard's own order: its part of the last round has a number among its batches. No clock is compared, and no
 * job's data is read.
 */
import { inArray } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import { findBatch } from './batches.js';
import type { Database } from './database.js';
import { ROUNDS } from './erasures.js';
import { erasureJobId, queueKey } from './queue.js';
import { batch } from './schema.js';

/** Ids that PostgreSQL is asked about at once, the oldest first: jobs of before stand in front. */
const AT_ONCE = 1_000;

/** To be asked when the rounds are over. A shard that has no part in them, since it came later, keeps nothing of before. */
export async function keepsJobsBefore(
  { db, redis, namespace }: { db: Database; redis: Redis; namespace: string },
  erasure: string,
  shard: number,
): Promise<boolean> {
  const id = erasureJobId({ erasure, round: ROUNDS, shard });
  const last = await findBatch(db, id);
  // It has said that it is through, and is noted next.
  if (last === undefined && (await redis.exists(queueKey(namespace, shard, id))) > 0) return true;
  const kept = await redis.zrange(queueKey(namespace, shard, 'completed'), '0', '-1');
  for (let from = 0; from < kept.length; from += AT_ONCE) {
    const ids = kept.slice(from, from + AT_ONCE);
    const rows = await db.select({ id: batch.id, seq: batch.seq }).from(batch).where(inArray(batch.id, ids));
    // A batch that is forgotten is older than any that is known; whoever takes the shard next forgets its job too.
    if (rows.length < ids.length || rows.some(({ seq }) => last !== undefined && seq < last.seq)) return true;
  }
  return false;
}
