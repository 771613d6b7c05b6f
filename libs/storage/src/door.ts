/** Counts of what came to ingestion, an hour a hash in Redis, for the last 24 hours. News, not truth: what Redis loses is not counted again. */
import { type Door, type DoorCount, doorCounts } from '@plimsoll/contracts';
import type { Redis } from 'ioredis';

const HOUR_MS = 3_600_000;
const HOURS = 24;

const nameOf = (namespace: string, service: string, hour: number) => `${namespace}:door:${service}:${hour}`;

/** Adds counts of some services at `now`, milliseconds since the epoch. */
export async function countAtDoor(
  redis: Redis,
  namespace: string,
  counts: ReadonlyMap<string, Partial<Record<DoorCount, number>>>,
  now: number,
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const [service, some] of counts) {
    const name = nameOf(namespace, service, Math.floor(now / HOUR_MS));
    for (const [field, count] of Object.entries(some)) pipeline.hincrby(name, field, count);
    pipeline.pexpire(name, (HOURS + 1) * HOUR_MS);
  }
  const failed = ((await pipeline.exec()) ?? []).find(([error]) => error !== null)?.[0];
  if (failed) throw failed;
}

/** The counts of the present hour and the 23 before it. */
export async function readDoor(redis: Redis, namespace: string, service: string, now: number): Promise<Door> {
  const hour = Math.floor(now / HOUR_MS);
  const pipeline = redis.pipeline();
  for (let back = 0; back < HOURS; back += 1) pipeline.hmget(nameOf(namespace, service, hour - back), ...doorCounts);
  const door = Object.fromEntries(doorCounts.map((name) => [name, 0])) as Door;
  for (const [error, values] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    for (const [index, name] of doorCounts.entries()) door[name] += Number((values as (string | null)[])[index] ?? 0);
  }
  return door;
}
