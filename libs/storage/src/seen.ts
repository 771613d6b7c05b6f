/**
 * Which logs were counted: hashed ids in Redis, a service and day, kept for two days, so that a log that comes again in
 * another batch within 24 hours has no effect. Ids made by ingestion from batch and index are not kept: their batch is
 * recognised as a whole (batches.ts).
 *
 * The ids are spread over many small sets of numbers, which Redis stores as plain arrays: 8 bytes an id and some 80 a set,
 * where one great set would take 70 an id. A full set takes no more (about 4 million ids a service and day): what is
 * beyond is counted in `dropped`, and would be counted twice if it came twice.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Ids that ingestion derives from batch and index begin with this. */
export const DERIVED_ID = 'batch:';

const DAY_MS = 86_400_000;
const KEPT_SECONDS = 172_800;
const SETS = 8_192;
/** Redis's own default for what it stores as an array (`set-max-intset-entries`). */
const MAX_SET = 512;

// KEYS: today's and yesterday's name. ARGV: pairs of set and member. Answers with the 1-based positions of those there.
const FIND = `
local found = {}
for i = 1, #ARGV, 2 do
  for _, name in ipairs(KEYS) do
    if redis.call('SISMEMBER', name .. ARGV[i], ARGV[i + 1]) == 1 then found[#found + 1] = (i + 1) / 2 break end
  end
end
return found
`;

// KEYS: today's name. ARGV: seconds to keep, most members of a set, pairs of set and member. Answers with how many found no room.
const MARK = `
local dropped = 0
for i = 3, #ARGV, 2 do
  local name = KEYS[1] .. ARGV[i]
  if redis.call('SCARD', name) < tonumber(ARGV[2]) then
    redis.call('SADD', name, ARGV[i + 1])
    redis.call('EXPIRE', name, ARGV[1])
  elseif redis.call('SISMEMBER', name, ARGV[i + 1]) == 0 then
    dropped = dropped + 1
  end
end
return dropped
`;

/** The braces keep all sets of a service on one node of a cluster. */
const nameOf = (namespace: string, service: string, day: number) => `{${namespace}:seen:${service}}:${day}:`;

/** The set, and 64 bits within it: two of a day's ids are alike with a chance of one in 10^10. */
function placeOf(id: string): [set: string, member: string] {
  const hash = createHash('sha256').update(id).digest();
  return [String(hash.readUInt16BE(0) % SETS), String(hash.readBigInt64BE(2))];
}

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
  const places = asked.flatMap((index) => placeOf(ids[index] ?? ''));
  const day = Math.floor(now / DAY_MS);
  const names = [nameOf(namespace, service, day), nameOf(namespace, service, day - 1)];
  const found = await redis.eval(FIND, names.length, ...names, ...places);
  for (const position of Array.isArray(found) ? found : []) answer[asked[Number(position) - 1] ?? -1] = true;
  return answer;
}

/** @returns how many ids found no room and are not remembered. */
export async function markSeen(
  redis: Redis,
  namespace: string,
  service: string,
  ids: readonly string[],
  now: number,
): Promise<number> {
  const places = ids.filter((id) => !id.startsWith(DERIVED_ID)).flatMap(placeOf);
  if (places.length === 0) return 0;
  const name = nameOf(namespace, service, Math.floor(now / DAY_MS));
  return Number(await redis.eval(MARK, 1, name, KEPT_SECONDS, MAX_SET, ...places));
}
