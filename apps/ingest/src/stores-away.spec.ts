/** What the door says when a store behind it is away, full or behind: 503 with the time to wait, and nothing is lost. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRedis } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readyIngest } from '../../../test/setup/ingest-process.js';
import { FEED_KEY, IngestServer, log, NONCE } from '../../../test/setup/ingest-server.js';
import { startRedis } from '../../cli/src/stores/redis.js';

const closed = (status: number, code: string) => ({ status, body: { code } });
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-ingest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('without Redis', () => {
  it('takes nothing, serves the feed, and takes again when Redis is back', async () => {
    let redis = await startRedis({ dir: join(folder, 'away') });
    let shift = 0;
    const server = await IngestServer.start({ REDIS_URL: redis.url }, { now: () => Date.now() + shift });
    try {
      expect((await server.sendLogs([log()])).status).toBe(202);
      await redis.stop();
      shift += 1_000;
      const answer = await server.sendLogs([log()]);
      expect(answer).toMatchObject(closed(503, 'unavailable'));
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.text).not.toMatch(/ECONNREFUSED|redis|127\.0\.0\.1/i);
      const feed = await server.call('/v1/feed', { headers: NONCE });
      expect(feed.status).toBe(200);
      // Without Redis nobody knows of other instances: throttles hold by themselves.
      expect(feed.text).not.toContain('"instances"');
      const demands = [{ id: 'dec_1', requests: 60, windowSeconds: 60, life: 1, wanted: 1, admitted: 1 }];
      const body = JSON.stringify({ instance: 'i-1', nonce: 'nonce-of-a-test-0001', demands });
      expect(await server.call('/v1/demand', { method: 'POST', body })).toMatchObject(closed(503, 'unavailable'));
      expect(await server.call('/readyz', { key: null })).toMatchObject(closed(503, 'unavailable'));
      expect((await server.call('/healthz', { key: null })).status).toBe(200);
      redis = await startRedis({ dir: join(folder, 'away'), port: Number(new URL(redis.url).port) });
      const again = async (): Promise<number> => {
        shift += 1_000;
        const { status } = await server.sendLogs([log({ path: '/after' })], { 'plimsoll-batch': 'after' });
        return status;
      };
      await expect.poll(again, { timeout: 15_000 }).toBe(202);
      expect((await server.queued()).some(({ data }) => data.requests[0]?.['path'] === '/after')).toBe(true);
    } finally {
      await server.stop();
      await redis.stop();
    }
  });
});

describe('with Redis nearly full', () => {
  it('closes at 80 % of its memory, while the rest can still be worked off', async () => {
    const redis = await startRedis({ dir: join(folder, 'full') });
    const control = openRedis(redis.url, 'test');
    let shift = 0;
    const server = await IngestServer.start({ REDIS_URL: redis.url }, { now: () => Date.now() + shift });
    try {
      await control.config('SET', 'maxmemory', '32mb');
      expect((await server.sendLogs([log()])).status).toBe(202);
      for (let i = 0; i < 26; i += 1) await control.set(`ballast-${i}`, 'x'.repeat(1024 * 1000));
      shift += 1_000;
      const answer = await server.sendLogs([log()]);
      expect(answer).toMatchObject(closed(503, 'overloaded'));
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(await control.set('room', 'left')).toBe('OK');
      await control.flushall();
      shift += 1_000;
      expect((await server.sendLogs([log()])).status).toBe(202);
    } finally {
      await server.stop();
      control.disconnect();
      await redis.stop();
    }
  });
});

describe('with a queue that is not worked off', () => {
  it('closes when the oldest job has waited for a minute', async () => {
    let shift = 0;
    const server = await IngestServer.start({}, { now: () => Date.now() + shift });
    try {
      expect((await server.sendLogs([log()])).status).toBe(202);
      shift = 61_000;
      expect(await server.sendLogs([log()])).toMatchObject(closed(503, 'overloaded'));
      shift = 30_000;
      expect((await server.sendLogs([log()])).status).toBe(202);
    } finally {
      await server.stop();
    }
  });
});

describe('without PostgreSQL', () => {
  it('lets nobody in, and tells nothing', async () => {
    const server = await IngestServer.start();
    const alone = await IngestServer.startOn({
      ...server.env,
      DATABASE_URL: 'postgres://nobody:canary@127.0.0.1:9/none',
      PORT: 0,
    });
    try {
      for (const path of ['/v1/feed', '/v1/requests']) {
        const answer = await fetch(alone.url + path, {
          method: path === '/v1/feed' ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${server.key}` },
        });
        expect(answer.status).toBe(503);
        expect(await answer.text()).not.toMatch(/canary|ECONNREFUSED|select|127\.0/i);
      }
      expect((await fetch(`${alone.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${alone.url}/healthz`)).status).toBe(200);
    } finally {
      await alone.stop();
      await server.stop();
    }
  });
});

describe('the process', () => {
  it('lives without any store, says so, and stops in order', async () => {
    const { child, output } = await readyIngest({
      DATABASE_URL: 'postgres://x@127.0.0.1:9/x',
      REDIS_URL: 'redis://127.0.0.1:9',
      PLIMSOLL_FEED_KEY: FEED_KEY,
      PORT: '0',
    });
    const portOf = () => /"url":"http:[^"]+:(\d+)"/.exec(output())?.[1];
    await expect.poll(portOf).toBeDefined();
    // By name: it listens on every address of localhost.
    for (const path of ['/readyz', '/v1/feed', '/readyz']) {
      const key = `plim_${'a'.repeat(12)}_${'b'.repeat(43)}`;
      expect((await fetch(`http://localhost:${portOf()}${path}`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(
        503,
      );
    }
    expect([child.exitCode, output()]).toEqual([null, expect.not.stringContaining('fatal')]);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
