// Copy to apps/worker/src/. Today: the batch of a fenced worker ends in `failed`, counted 0 times, for ever.
import 'reflect-metadata';
import { createService, openDatabase, openQueue, openRedis, RequestQueue, schema } from '@plimsoll/storage';
import { pino } from 'pino';
import { expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { openWorker } from './worker.js';

it('leaves the batch of a fenced worker to whoever holds the shard next', async () => {
  const { db, close } = openDatabase(await freshDatabase(), { max: 8 });
  const redis = openRedis(inject('redisUrl'), 'fenced');
  const subscriber = openRedis(inject('redisUrl'), 'fenced-subscriber');
  const namespace = randomNamespace();
  const queue = new RequestQueue(redis, { namespace, shards: 1 });
  await createService(db, { id: 'shop' }, Date.now());
  const env = { PLIMSOLL_SHARDS: 1, PLIMSOLL_NAMESPACE: namespace };
  const worker = await openWorker({ env, db, redis, subscriber, queue, now: Date.now, log: pino({ level: 'silent' }) });
  const client = await db.$client.connect();
  await client.query('begin');
  await client.query('select 1 from shard where id = 0 for update'); // Holds the commit up until the shard has changed hands.
  const log = { id: 'x', ts: Date.now(), method: 'GET', path: '/', status: 200, durationMs: 1, bytesIn: 0, bytesOut: 0, ip: '203.0.113.9', userAgent: '', authenticated: false, verdict: 'allow' as const, timing: 'live' as const };
  await queue.enqueue([{ service: 'shop', batch: 'one', shard: 0, receivedAt: Date.now(), requests: [log] }]);
  const reader = await openQueue(redis, namespace, 0);
  await expect.poll(() => reader.getActiveCount(), { timeout: 5_000 }).toBe(1);
  await client.query("update shard set owner = 'other', generation = generation + 1, lease_until = 0 where id = 0");
  await client.query('commit');
  client.release();
  const counted = async () => (await db.select().from(schema.trafficMinute)).reduce((sum, row) => sum + row.requests, 0);
  await expect.poll(counted, { timeout: 25_000 }).toBe(1);
  expect(await reader.getFailedCount()).toBe(0);
  for (const part of [worker, reader, queue]) await part.close();
  redis.disconnect();
  subscriber.disconnect();
  await close();
}, 40_000);
