import { describe, expect, it } from 'vitest';
import { EnvFault, readEnv } from './env.js';

const good = {
  DATABASE_URL: 'postgres://u:p@localhost:5432/plimsoll',
  REDIS_URL: 'redis://localhost:6379',
  PLIMSOLL_MASTER_KEY: Buffer.alloc(32, 7).toString('base64url'),
  PLIMSOLL_FEED_KEY: Buffer.alloc(32, 9).toString('base64url'),
};
const faultsOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    readEnv(env);
    return [];
  } catch (fault) {
    return (fault as EnvFault).faults;
  }
};

describe('the environment', () => {
  it('has defaults for a machine of one’s own', () => {
    const env = readEnv(good);
    expect(env).toMatchObject({ PORT: 7070, HOST: 'localhost', PLIMSOLL_NAMESPACE: 'plimsoll', LOG_LEVEL: 'info' });
    expect([env.PUBLIC_URL.origin, env.INGEST_URL.origin]).toEqual(['http://localhost:7070', 'http://localhost:7071']);
    expect(env.PLIMSOLL_MASTER_KEY).toHaveLength(32);
  });

  it('names every fault at once, one line each, and repeats no value', () => {
    const faults = faultsOf({
      ...good,
      PORT: '70000',
      PUBLIC_URL: 'ftp://x',
      PLIMSOLL_MASTER_KEY: 'canary-secret',
      DATABASE_URL: 'mysql://canary',
    });
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'DATABASE_URL',
      'PLIMSOLL_MASTER_KEY',
      'PORT',
      'PUBLIC_URL',
    ]);
    expect(faults.join('\n')).not.toContain('canary');
  });

  it.each(['http://user:pw@x', 'http://x/path', 'http://x/?q'])('takes origins only: %s is a fault', (url) => {
    expect(faultsOf({ ...good, PUBLIC_URL: url })).toHaveLength(1);
  });
});
