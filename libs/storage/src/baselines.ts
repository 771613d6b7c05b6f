/**
 * What a shard has learnt, written behind: changed entities and the sequence number of the last batch that they contain, in
 * one atomic step. A Lua script refuses a writer of an older generation, so that a worker that lost its shard cannot
 * overwrite what its successor wrote.
 */
import type { Redis } from 'ioredis';

export interface Changes {
  puts: readonly (readonly [key: string, state: Uint8Array])[];
  deletes: readonly string[];
}

export interface Snapshot {
  /** Last batch contained; 0 for a shard that has learnt nothing. */
  seq: number;
  entries: [key: string, state: Uint8Array][];
}

const HEAD = ' head';
const SCAN_COUNT = 1_000;

// KEYS: hash. ARGV: head field, generation, seq, number of puts, then field and value of each put, then deletes.
// Field and value go in slices: Lua's unpack is bounded by its stack.
const WRITE = `
local head = redis.call('HGET', KEYS[1], ARGV[1])
if head and tonumber(string.match(head, '^%d+')) > tonumber(ARGV[2]) then return 0 end
local puts = tonumber(ARGV[4])
local first = 5
for from = first, first + 2 * puts - 1, 1000 do
  redis.call('HSET', KEYS[1], unpack(ARGV, from, math.min(from + 999, first + 2 * puts - 1)))
end
for from = first + 2 * puts, #ARGV, 1000 do
  redis.call('HDEL', KEYS[1], unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 1
`;

const keyOf = (namespace: string, shard: number) => `{${namespace}-${shard}}:baselines`;

/** @returns false where a later generation has written: the caller no longer holds the shard. */
export async function saveBaselines(
  redis: Redis,
  namespace: string,
  lease: { shard: number; generation: number },
  seq: number,
  { puts, deletes }: Changes,
): Promise<boolean> {
  const states = puts.flatMap(([key, state]) => [key, Buffer.from(state.buffer, state.byteOffset, state.byteLength)]);
  const args = [HEAD, lease.generation, seq, puts.length, ...states, ...deletes];
  return (await redis.eval(WRITE, 1, keyOf(namespace, lease.shard), ...args)) === 1;
}

export async function loadBaselines(redis: Redis, namespace: string, shard: number): Promise<Snapshot> {
  const key = keyOf(namespace, shard);
  const entries = new Map<string, Uint8Array>();
  let seq = 0;
  let cursor = '0';
  do {
    const [next, fields] = await redis.hscanBuffer(key, cursor, 'COUNT', SCAN_COUNT);
    cursor = String(next);
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const name = String(fields[index]);
      const value = fields[index + 1];
      if (value === undefined) continue;
      if (name === HEAD) seq = Number(String(value).split(' ')[1]);
      else entries.set(name, value);
    }
  } while (cursor !== '0');
  return { seq, entries: [...entries] };
}
