import { describe, expect, it } from 'vitest';
import { readEnv } from './env.js';

const stores = { DATABASE_URL: 'postgres://localhost/p', REDIS_URL: 'redis://localhost:6379' };
const good = { ...stores, PLIMSOLL_FEED_KEY: Buffer.alloc(32, 9).toString('base64url') };
const faultsOf = (change: NodeJS.ProcessEnv) => {
  const found = readEnv({ ...good, ...change });
  return 'faults' in found ? found.faults : [];
};

describe('the environment', () => {
  it('has defaults for all but the stores and the secret of the feed', () => {
    expect(readEnv(good)).toEqual({
      env: {
        ...stores,
        PLIMSOLL_SHARDS: 4,
        PLIMSOLL_NAMESPACE: 'plimsoll',
        LOG_LEVEL: 'info',
        HOST: 'localhost',
        PORT: 7071,
        PLIMSOLL_KEY_RATE: 50_000,
        PLIMSOLL_FEED_KEY: Buffer.alloc(32, 9),
        TRUSTED_PROXIES: [],
      },
    });
  });

  it.each([
    [{ DATABASE_URL: undefined }, 'DATABASE_URL: is missing'],
    [{ REDIS_URL: 'http://localhost' }, 'REDIS_URL: a URL that starts with redis: or rediss:'],
    [{ PLIMSOLL_NAMESPACE: 'a:b' }, 'PLIMSOLL_NAMESPACE: lower-case letters, digits and dashes'],
    [{ PLIMSOLL_FEED_KEY: 'short' }, 'PLIMSOLL_FEED_KEY: 32 bytes as base64url'],
  ])('%j is a fault', (change, fault) => expect(faultsOf(change)).toEqual([fault]));

  it('names every fault, without the value of a URL that may hold a password', () => {
    const faults = faultsOf({ DATABASE_URL: 'http://user:canary@host', PORT: '99999', PLIMSOLL_SHARDS: '0', LOG_LEVEL: 'loud' });
    expect(faults.map((line) => line.split(':')[0])).toEqual(['DATABASE_URL', 'PLIMSOLL_SHARDS', 'LOG_LEVEL', 'PORT']);
    expect(faults.join()).not.toContain('canary');
  });
});
