/**
 * The last decisions of the access policy, over all console processes, in one capped list in Redis: what an edit is tried on
 * before it is saved. It is news, not truth (the audit is): Redis may lose it. It holds attributes, never a secret.
 */
import { type AccessRequest, accessRequestSchema, MAX_RECORDED, type Outcome } from '@plimsoll/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';

export interface RecordedDecision {
  request: AccessRequest;
  /** The person's name, as it was. */
  person: string;
  outcome: Outcome;
}

const recordedSchema = z.object({ request: accessRequestSchema, person: z.string(), outcome: z.enum(['allow', 'deny']) });
const keyOf = (namespace: string) => `${namespace}:access-decisions`;

export async function recordDecisions(redis: Redis, namespace: string, decisions: readonly RecordedDecision[]): Promise<void> {
  if (decisions.length === 0) return;
  const key = keyOf(namespace);
  const lines = decisions.map((decision) => JSON.stringify(decision));
  await redis
    .multi()
    .lpush(key, ...lines)
    .ltrim(key, 0, MAX_RECORDED - 1)
    .exec();
}

/** Newest first. Entries of an older form are left out. */
export async function readDecisions(redis: Redis, namespace: string): Promise<RecordedDecision[]> {
  const lines = await redis.lrange(keyOf(namespace), 0, MAX_RECORDED - 1);
  return lines.flatMap((line) => recordedSchema.safeParse(JSON.parse(line)).data ?? []);
}
