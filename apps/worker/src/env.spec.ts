import { expect, it } from 'vitest';
import { readEnv } from './env.js';

const stores = { DATABASE_URL: 'postgres://u:secret@localhost/x', REDIS_URL: 'redis://:secret@localhost:6379' };

it('fills in what is not said', () => {
  expect(readEnv(stores)).toEqual({
    env: {
      ...stores,
      PLIMSOLL_SHARDS: 4,
      PLIMSOLL_NAMESPACE: 'plimsoll',
      PLIMSOLL_HISTORY_BUFFER: 32,
      PLIMSOLL_HISTORY_DAYS: 30,
      LOG_LEVEL: 'info',
      HOST: 'localhost',
    },
  });
});

it('names each fault in a line of its own and repeats no value', () => {
  const read = readEnv({
    DATABASE_URL: 'mysql://secret',
    PLIMSOLL_SHARDS: '0',
    PLIMSOLL_NAMESPACE: 'a{b}',
    HEALTH_PORT: '70000',
  });
  const faults = 'faults' in read ? read.faults : [];
  expect(faults.map((line) => line.split(':', 1)[0])).toEqual([
    'DATABASE_URL',
    'REDIS_URL',
    'PLIMSOLL_SHARDS',
    'PLIMSOLL_NAMESPACE',
    'HEALTH_PORT',
  ]);
  expect(faults[1]).toBe('REDIS_URL: is missing');
  expect(faults.join()).not.toContain('secret');
});
