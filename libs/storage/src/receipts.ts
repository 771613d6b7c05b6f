/**
 * Instances and what they enforce, in Redis: one hash a service, written by every ingest process, read by the console.
 * Bounded (5,000 instances a service, 16 versions each) and forgotten after an hour of silence. It is news, not truth:
 * where Redis has lost it, the next receipts, at most half a minute later, bring it back.
 */
import type { Instance, Receipt } from '@plimsoll/contracts';
import { and, eq, max } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import type { Database } from './database.js';
import { decision } from './schema.js';

export const MAX_INSTANCES = 5_000;
const KEPT_VERSIONS = 16;
/** Long enough to be seen as vanished by people. */
const FORGOTTEN_MS = 3_600_000;
const WARNED_SECONDS = 3_600;

export interface DatedReceipt extends Receipt {
  /** When it came, milliseconds since the epoch. */
  at: number;
}

const keyOf = (namespace: string, service: string) => `${namespace}:instances:${service}`;

/**
 * Merges a receipt into what is kept of its instance, whatever process took the earlier ones: the time of a version is
 * that which the first receipt with it names.
 */
const NOTE = `
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then return 0 end
local entry = cjson.decode(ARGV[2])
local version, at = tonumber(ARGV[3]), tonumber(ARGV[4])
local applied = {}
if kept then
  local old = cjson.decode(kept)
  entry.since = old.since
  applied = old.applied
end
if #applied == 0 or applied[1][1] ~= version then table.insert(applied, 1, { version, at }) end
while #applied > tonumber(ARGV[6]) do table.remove(applied) end
entry.applied = applied
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return 1`;

/** @returns how many were left out, because the service has too many instances. */
export async function noteReceipts(
  redis: Redis,
  namespace: string,
  receipts: readonly (DatedReceipt & { service: string })[],
): Promise<number> {
  const pipeline = redis.pipeline();
  for (const { service, instance, goodbye, at, appliedMsAgo, ...said } of receipts) {
    const key = keyOf(namespace, service);
    const entry = JSON.stringify({ ...said, id: instance, since: at, seenAt: at });
    if (goodbye) pipeline.hdel(key, instance);
    else
      pipeline.eval(
        NOTE,
        1,
        key,
        instance,
        entry,
        said.version,
        Math.round(at - appliedMsAgo),
        MAX_INSTANCES,
        KEPT_VERSIONS,
        FORGOTTEN_MS,
      );
  }
  const results = (await pipeline.exec()) ?? [];
  const failed = results.find(([error]) => error !== null)?.[0];
  if (failed) throw failed;
  return receipts.filter(({ goodbye }, index) => !goodbye && results[index]?.[1] === 0).length;
}

/** The instances of a service that were heard of within the last hour, by name; older ones are forgotten here. */
export async function readInstances(redis: Redis, namespace: string, service: string, now: number): Promise<Instance[]> {
  const key = keyOf(namespace, service);
  const all = Object.values(await redis.hgetall(key)).map((text): Instance => JSON.parse(text));
  const old = all.filter(({ seenAt }) => now - seenAt >= FORGOTTEN_MS).map(({ id }) => id);
  if (old.length > 0) await redis.hdel(key, ...old);
  return all
    .filter(({ seenAt }) => now - seenAt < FORGOTTEN_MS)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }) || (a.id < b.id ? -1 : 1));
}

/** True once an hour for each warning, in whichever process asks first. */
export async function firstWarning(redis: Redis, namespace: string, warning: string): Promise<boolean> {
  return (await redis.set(`${namespace}:warned:${warning}`, '1', 'EX', WARNED_SECONDS, 'NX')) === 'OK';
}

/** The warning may be given again. */
export async function endWarning(redis: Redis, namespace: string, warning: string): Promise<void> {
  await redis.del(`${namespace}:warned:${warning}`);
}

/** When a version of a service's decisions was made; 0 where no decision has it (any more). */
export async function versionMadeAt(db: Database, service: string, version: number): Promise<number> {
  const [row] = await db
    .select({ at: max(decision.changedAt) })
    .from(decision)
    .where(and(eq(decision.service, service), eq(decision.version, version)));
  return row?.at ?? 0;
}
