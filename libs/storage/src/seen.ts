/**
 * Which logs were counted: hashed ids in one Redis set a service and day, kept for two days, so that a log that comes again
 * in another batch within 24 hours has no effect. Ids made by ingestion from batch and index are not kept: their batch is
 * recognised as a whole (batches.ts).
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Ids that ingestion derives from batch and index begin with this. */
export const DERIVED_ID = 'batch:';

const DAY_MS = 86_400_000;
const KEPT_SECONDS = 172_800;
/** 96 bits: among a billion ids a day, two alike with a chance of one in 10^11. */
const BYTES = 12;

const keyOf = (namespace: string, service: string, day: number) => `${namespace}:seen:${service}:${day}`;
const memberOf = (id: string) => createHash('sha256').update(id).digest().subarray(0, BYTES);

/** For each id, whether it was counted today or yesterday. `now` is the receiver's clock, milliseconds. */
export async function findSeen(
  redis: Redis,
  namespace: string,
  service: string,
  ids: readonly string[],
  now: number,
): Promise<boolean[]> {
  const asked = ids.flatMap((id, index) => (id.startsWith(DERIVED_ID) ? [] : [index]));
  const answer = ids.map(() => false);
  if (asked.length === 0) return answer;
  const members = asked.map((index) => memberOf(ids[index] ?? ''));
  const day = Math.floor(now / DAY_MS);
  const days = await Promise.all([day, day - 1].map((d) => redis.smismember(keyOf(namespace, service, d), ...members)));
  asked.forEach((index, position) => {
    answer[index] = days.some((found) => found[position] === 1);
  });
  return answer;
}

export async function markSeen(
  redis: Redis,
  namespace: string,
  service: string,
  ids: readonly string[],
  now: number,
): Promise<void> {
  const members = ids.filter((id) => !id.startsWith(DERIVED_ID)).map(memberOf);
  if (members.length === 0) return;
  const key = keyOf(namespace, service, Math.floor(now / DAY_MS));
  await redis
    .multi()
    .sadd(key, ...members)
    .expire(key, KEPT_SECONDS)
    .exec();
}
