/**
 * What a shard has learnt, written behind: changed entities and the sequence number of the last batch that they contain, in
 * one atomic step. A Lua script refuses a writer of an older generation, so that a worker that lost its shard cannot
 * overwrite what its successor wrote.
 */
import type { Redis } from 'ioredis';
import type { Lease } from './leases.js';

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
/** Entities written by one script. All scripts of a snapshot run as one transaction; Redis takes a million words a command. */
const CHUNK = 20_000;

// Both scripts begin with KEYS: hash. ARGV: head field, generation. The head holds generation and sequence number.
const READ_HEAD = `
local head = redis.call('HGET', KEYS[1], ARGV[1])
local generation, seq = '0', '0'
if head then generation, seq = string.match(head, '^(%d+) (%d+)$') end
if tonumber(generation) > tonumber(ARGV[2]) then return 0 end
`;

const CLAIM = `${READ_HEAD}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. seq)
return 1
`;

// Then ARGV: seq, number of puts, field and value of each put, then deletes. In slices: Lua's unpack is bounded by its stack.
const WRITE = `${READ_HEAD}
local last = 4 + 2 * tonumber(ARGV[4])
for from = 5, last, 1000 do redis.call('HSET', KEYS[1], unpack(ARGV, from, math.min(from + 999, last))) end
for from = last + 1, #ARGV, 1000 do redis.call('HDEL', KEYS[1], unpack(ARGV, from, math.min(from + 999, #ARGV))) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 1
`;

const keyOf = (namespace: string, shard: number) => `{${namespace}-${shard}}:baselines`;

/**
 * To be called before {@link loadBaselines}: from here on earlier owners are refused, and can neither write over what the
 * new owner is about to learn again nor believe it contained, and so forget it.
 *
 * @returns false where a later generation has claimed: the caller no longer holds the shard.
 */
export async function claimBaselines(redis: Redis, namespace: string, lease: Lease): Promise<boolean> {
  return (await redis.eval(CLAIM, 1, keyOf(namespace, lease.shard), HEAD, lease.generation)) === 1;
}

/** @returns false where a later generation has claimed or written: the caller no longer holds the shard, and nothing was changed. */
export async function saveBaselines(
  redis: Redis,
  namespace: string,
  lease: Lease,
  seq: number,
  { puts, deletes }: Changes,
): Promise<boolean> {
  const key = keyOf(namespace, lease.shard);
  const transaction = redis.multi();
  for (let from = 0; from === 0 || from < Math.max(puts.length, deletes.length); from += CHUNK) {
    const some = puts.slice(from, from + CHUNK);
    const states = some.flatMap(([name, state]) => [name, Buffer.from(state.buffer, state.byteOffset, state.byteLength)]);
    const gone = deletes.slice(from, from + CHUNK);
    transaction.eval(WRITE, 1, key, HEAD, lease.generation, seq, some.length, ...states, ...gone);
  }
  const answers = await transaction.exec();
  if (answers === null) throw new Error('the snapshot was not taken by Redis');
  for (const [error] of answers) if (error) throw error;
  return answers.every(([, answer]) => answer === 1);
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

/** Single entities as they were last written behind, in the order of `names`; undefined where there is none. */
export async function readBaselines(
  redis: Redis,
  namespace: string,
  shard: number,
  names: readonly string[],
): Promise<(Uint8Array | undefined)[]> {
  if (names.length === 0) return [];
  const states = await redis.hmgetBuffer(keyOf(namespace, shard), ...names);
  return states.map((state) => state ?? undefined);
}
