/**
 * Public keys of instances and their last batch, in Redis: what a replay is known by. One small hash an instance, forgotten an hour after
 * its last batch: then the instance registers anew, as after a loss of Redis. Bounded by how fast keys may be registered (ingestion).
 */
import type { Redis } from 'ioredis';

const KEPT_MS = 3_600_000;

export interface PublicKey {
  x: string;
  y: string;
}
export interface SignedBatch {
  /** Of the key that the signature was checked with. */
  x: string;
  /** Milliseconds since the epoch. */
  signedAt: number;
  batch: string;
  /** Of the body. */
  hash: string;
}

const nameOf = (namespace: string, keyId: string, instance: string) => `${namespace}:instance-key:${keyId}:${instance}`;

/** Sets the key where there is none; answers whether it is this one. */
const REGISTER = `
local known = redis.call('HMGET', KEYS[1], 'x', 'y')
if known[1] and (known[1] ~= ARGV[1] or known[2] ~= ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'x', ARGV[1], 'y', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

/** @returns false where the instance has another key: the first one stays as long as it is used. */
export async function registerInstance(
  redis: Redis,
  namespace: string,
  keyId: string,
  instance: string,
  { x, y }: PublicKey,
): Promise<boolean> {
  return (await redis.eval(REGISTER, 1, nameOf(namespace, keyId, instance), x, y, KEPT_MS)) === 1;
}

export async function findInstanceKey(
  redis: Redis,
  namespace: string,
  keyId: string,
  instance: string,
): Promise<PublicKey | undefined> {
  const [x, y] = await redis.hmget(nameOf(namespace, keyId, instance), 'x', 'y');
  return x && y ? { x, y } : undefined;
}

/**
 * An instance sends one batch after the other, each signed later than the one before: so whatever was signed no later than its last batch
 * came before, save that very batch, whose answer may have been lost.
 */
const TAKE = `
local known = redis.call('HMGET', KEYS[1], 'x', 'at', 'batch', 'hash')
if known[1] ~= ARGV[1] then return 'unknown' end
local at = tonumber(ARGV[2])
local last = tonumber(known[2] or '-1')
if known[3] == ARGV[3] then
  if known[4] ~= ARGV[4] then return 'replayed' end
elseif at <= last then
  return 'replayed'
end
if at > last then redis.call('HSET', KEYS[1], 'at', ARGV[2]) end
redis.call('HSET', KEYS[1], 'batch', ARGV[3], 'hash', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 'taken'`;

/** Notes a batch whose signature is good. `unknown`: the instance is not registered (any more) with that key. */
export async function takeSignedBatch(
  redis: Redis,
  namespace: string,
  keyId: string,
  instance: string,
  { x, signedAt, batch, hash }: SignedBatch,
): Promise<'taken' | 'replayed' | 'unknown'> {
  const name = nameOf(namespace, keyId, instance);
  return (await redis.eval(TAKE, 1, name, x, signedAt, batch, hash, KEPT_MS)) as 'taken' | 'replayed' | 'unknown';
}
