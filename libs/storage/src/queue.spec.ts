import type { RequestBatch, RequestLog } from '@plimsoll/contracts';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { Wire } from '../../../test/setup/wire.js';
import { contributionsJobId, openQueue, queueName, queuePrefix, RequestQueue, requestsJobId } from './queue.js';
import { openRedis } from './redis.js';

const SHARDS = 2;
const redis = openRedis(inject('redisUrl'), 'queue-spec');
const opened: RequestQueue[] = [];
let namespace: string;
let queue: RequestQueue;

beforeEach(() => {
  namespace = randomNamespace();
  queue = new RequestQueue(redis, { namespace, shards: SHARDS });
  opened.push(queue);
});
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  redis.disconnect();
});

const log = (id: string): RequestLog => ({
  id,
  ts: 1,
  method: 'GET',
  path: '/',
  status: 200,
  durationMs: 1,
  bytesIn: 0,
  bytesOut: 0,
  ip: '203.0.113.9',
  userAgent: '',
  authenticated: false,
  verdict: 'allow',
  timing: 'live',
});
const batchOf = (batch: string, shard = 0, service = 'shop'): RequestBatch => ({
  service,
  batch,
  shard,
  receivedAt: 1,
  requests: [log('a'), log('b')],
});
const waiting = async (shard: number) => {
  const reader = await openQueue(redis, namespace, shard);
  const jobs = await reader.getWaiting();
  await reader.close();
  return jobs; // Next one first.
};

describe('job ids', () => {
  it('are the same for a retry, and differ by service, batch and shard', () => {
    const ids = [batchOf('1'), batchOf('1', 1), batchOf('2'), batchOf('1', 0, 'billing')].map(requestsJobId);
    expect(new Set(ids).size).toBe(4);
    expect(requestsJobId(batchOf('1'))).toBe(ids[0]);
    expect(contributionsJobId({ batch: '1', shard: 0, receivedAt: 1, contributions: [] })).not.toBe(ids[0]);
  });

  it.each(['active', 'completed', 'meta', 'wait', '__proto__', '../x', 'a:b', 'a\r\nDEL x', '\0', '{x}', 'é'.repeat(256)])(
    'never hold a client’s text: %j',
    async (batch) => {
      await queue.enqueue([batchOf(batch)]);
      const [job] = await waiting(0);
      expect(job?.id).toMatch(/^b_[\w-]{24,}$/);
      expect(job?.data).toEqual(batchOf(batch));
      const keys = await redis.keys(`*${namespace}*`);
      expect(keys.filter((key) => !/^\{\w+-0\}:requests-0(:(b_[\w-]+|id|meta|wait|events|marker))?$/.test(key))).toEqual([]);
    },
  );
});

describe('enqueue', () => {
  it('puts each batch in its shard’s queue, oldest first, under a hash tag of its own', async () => {
    await queue.enqueue([batchOf('1'), batchOf('1', 1)]);
    await queue.enqueue([batchOf('2')]);
    expect((await waiting(0)).map(({ name, data }) => [name, (data as RequestBatch).batch])).toEqual([
      ['requests', '1'],
      ['requests', '2'],
    ]);
    expect(await waiting(1)).toHaveLength(1);
    expect(await redis.exists(`{${namespace}-1}:requests-1:wait`)).toBe(1);
  });

  it('takes the same batch once, also where many send it at the same time', async () => {
    const other = new RequestQueue(redis, { namespace, shards: SHARDS });
    opened.push(other);
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? queue : other).enqueue([batchOf('1')])));
    expect(await waiting(0)).toHaveLength(1);
  });

  it('carries contributions as jobs of their own', async () => {
    await queue.enqueueContributions([{ batch: 'b_1', shard: 1, receivedAt: 7, contributions: [] }]);
    const [job] = await waiting(1);
    expect(job).toMatchObject({ name: 'contributions', data: { batch: 'b_1', receivedAt: 7 } });
  });

  it('fails instead of waiting where Redis is away and the caller is impatient, and works again when it is back', async () => {
    const wire = new Wire(new URL(inject('redisUrl')));
    const impatient = openRedis(await wire.open(), 'queue-spec-impatient', { impatientMs: 500 });
    const door = new RequestQueue(impatient, { namespace, shards: SHARDS });
    const add = (batch: RequestBatch) => door.enqueue([batch]).then(() => 'in', String);
    await expect.poll(() => add(batchOf('1'))).toBe('in');
    await wire.cut();
    expect(await add(batchOf('2'))).toMatch(/Error/); // A queue that is open.
    expect(await add(batchOf('2', 1))).toMatch(/Error/); // One that is opened while Redis is away.
    await wire.open();
    await expect.poll(() => add(batchOf('2')), { timeout: 5_000 }).toBe('in');
    await expect.poll(() => add(batchOf('2', 1)), { timeout: 5_000 }).toBe('in');
    expect([await waiting(0), await waiting(1)].map((jobs) => jobs.length)).toEqual([2, 1]);
    await door.close();
    impatient.disconnect();
    await wire.cut();
  });
});

describe('backlog', () => {
  it('is empty before anything came', async () => {
    expect(await queue.backlog(Date.now())).toMatchObject({ waiting: 0, oldestWaitingMs: 0 });
  });

  it('counts what nobody has begun over all shards, and the age of the oldest', async () => {
    await queue.enqueue([batchOf('1'), batchOf('1', 1)]);
    await queue.enqueue([batchOf('2')]);
    const [oldest] = await waiting(0);
    const { waiting: jobs, oldestWaitingMs } = await queue.backlog((oldest?.timestamp ?? 0) + 61_000);
    expect(jobs).toBe(3);
    expect(oldestWaitingMs).toBeGreaterThanOrEqual(60_000);
    expect(oldestWaitingMs).toBeLessThanOrEqual(61_000);
  });

  it('reads how full Redis is', async () => {
    const { memoryShare } = await queue.backlog(Date.now());
    expect(memoryShare).toBeGreaterThan(0);
    expect(memoryShare).toBeLessThan(0.8);
  });
});

it('names queues and prefixes as operators see them', () => {
  expect([queuePrefix('plimsoll', 3), queueName(3)]).toEqual(['{plimsoll-3}', 'requests-3']);
});
