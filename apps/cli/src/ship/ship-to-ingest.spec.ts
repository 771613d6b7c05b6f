/** `plimsoll ship` against the real door: what it sends is what lies in the queue, once, whatever is repeated. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestLog } from '@plimsoll/contracts';
import { openQueue, openRedis } from '@plimsoll/storage';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../../test/setup/database.js';
import { type IngestApp, startIngest } from '../../../ingest/src/app.js';
import { main } from '../main.js';
import { writeRun } from '../up/data-folder.js';

const SHARDS = 2;
const data = mkdtempSync(join(tmpdir(), 'plimsoll-ship-ingest-'));
const namespace = randomNamespace();
let ingest: IngestApp;
let redis: ReturnType<typeof openRedis>;
let remove: () => Promise<void>;

beforeAll(async () => {
  const databaseUrl = await freshDatabase();
  const redisUrl = inject('redisUrl');
  ingest = await startIngest(
    {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      PLIMSOLL_SHARDS: SHARDS,
      PLIMSOLL_NAMESPACE: namespace,
      LOG_LEVEL: 'silent',
      HOST: '127.0.0.1',
      PORT: 0,
      TRUSTED_PROXIES: [],
      PLIMSOLL_KEY_RATE: 50_000,
      PLIMSOLL_FEED_KEY: Buffer.alloc(32, 9),
    },
    { log: pino({ level: 'silent' }) },
  );
  redis = openRedis(redisUrl, 'test');
  remove = await writeRun(data, { urls: { admin: 'http://localhost:1', ingest: ingest.url }, databaseUrl, redisUrl });
});
afterAll(async () => {
  await remove();
  redis.disconnect();
  await ingest.stop();
  rmSync(data, { recursive: true });
});

/** Every log that waits in the queue, of all shards. */
async function queued(): Promise<RequestLog[]> {
  const logs: RequestLog[] = [];
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const queue = await openQueue(redis, namespace, shard);
    for (const { data } of await queue.getJobs(['wait'])) if ('requests' in data) logs.push(...data.requests);
    await queue.close();
  }
  return logs;
}
async function ship(...args: string[]) {
  let out = '';
  vi.spyOn(console, 'log').mockImplementation((line) => {
    out += `${line}\n`;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  await main(['ship', '--service', 'site', '--data', data, ...args]);
  vi.restoreAllMocks();
  return out;
}
const line = (n: number) =>
  `10.0.${n % 7}.${n % 50} - - [17/May/2015:10:05:${String(n % 60).padStart(2, '0')} +0000] "GET /page/${n % 9}?q=canary HTTP/1.1" 200 ${n} "-" "agent"\n`;

describe('shipping to the real door', () => {
  it('brings every line as history, once, however often it is sent', async () => {
    const path = join(data, 'access.log');
    writeFileSync(path, Array.from({ length: 1203 }, (_, n) => line(n)).join(''));
    appendFileSync(path, 'rubbish\n');
    expect(await ship('--format', 'apache', '--spread', 'hour', path)).toContain(
      'site: 1203 accepted, 0 refused, 1 unparsed of 1204 lines, as history',
    );
    const logs = await queued();
    expect(logs).toHaveLength(1203);
    expect(new Set(logs.map(({ id }) => id)).size).toBe(1203);
    expect(new Set(logs.map(({ timing }) => timing))).toEqual(new Set(['historical']));
    expect(JSON.stringify(logs)).not.toContain('canary');
    const times = logs.map(({ ts }) => ts).sort((a, b) => a - b);
    expect([times[0], times.at(-1)]).toEqual([Date.UTC(2015, 4, 17, 10) + 1496, Date.UTC(2015, 4, 17, 11) - 1497]);

    expect(await ship('--format', 'apache', '--spread', 'hour', path)).toContain('Nothing new: 1203 logs were sent before.');
    expect(await ship('--format', 'apache', '--spread', 'hour', '--again', path)).toContain('1203 accepted');
    expect(new Set((await queued()).map(({ id }) => id)).size).toBe(1203);

    appendFileSync(path, line(5000));
    expect(await ship('--format', 'apache', path)).toMatch(
      /1 accepted, 0 refused, 0 unparsed of 1 lines.*\n1203 logs were sent before/,
    );
    expect(new Set((await queued()).map(({ id }) => id)).size).toBe(1204);
  });

  it('names what the door refuses', async () => {
    const path = join(data, 'odd.ndjson');
    const log = { ts: Date.UTC(2020, 0, 1), method: 'GET', path: '/', status: 200, ip: '1.2.3.4' };
    writeFileSync(path, `${JSON.stringify(log)}\n${JSON.stringify({ ...log, ip: 'nobody' })}\n`);
    const out = await ship(path);
    expect(out).toContain('1 accepted, 0 refused, 1 unparsed of 2 lines');
    expect(out).toContain('odd.ndjson:2: ip: an IPv4 or IPv6 address');
  });
});
