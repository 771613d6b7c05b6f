/**
 * Whom a person's decisions have hit in the last ten minutes, in Redis, so that every process of the console counts the same:
 * twenty-one blocks one by one are as grave as one call that blocks twenty-one. A subject is counted when the decision is asked for, also
 * where it is refused then, so that calls at the same time cannot each see room for one more.
 */
import type { Redis } from 'ioredis';
import { digest } from './ids.js';

/** A subject counts for so long after it was hit last. */
export const HIT_MS = 10 * 60_000;
/** Subjects kept of one person, far above what any policy asks for; beyond it the longest unhit go. */
const MAX_HITS = 1_000;

export interface HitSubject {
  service: string;
  type: string;
  id: string;
}

/**
 * Counts these in. @param now milliseconds since the epoch
 * @returns how many different subjects the person has hit by now, these included. Throws where Redis does not answer: then nobody knows.
 */
export async function hitSubjects(
  redis: Redis,
  namespace: string,
  personId: string,
  subjects: readonly HitSubject[],
  now: number,
): Promise<number> {
  const key = `${namespace}:hits:${digest(personId)}`;
  const newest = subjects.slice(-MAX_HITS).flatMap(({ service, type, id }) => [now, digest(service, type, id)]);
  const steps = redis.multi().zremrangebyscore(key, '-inf', now - HIT_MS);
  if (newest.length > 0) steps.zadd(key, ...newest);
  const answers = await steps
    .zremrangebyrank(key, 0, -(MAX_HITS + 1))
    .pexpire(key, HIT_MS)
    .zcard(key)
    .exec();
  const [error, count] = answers?.at(-1) ?? [new Error('Redis gave no answer'), 0];
  if (error) throw error;
  return Number(count);
}
