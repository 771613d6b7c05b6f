import type { RequestBatch } from '@plimsoll/contracts';
import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { openQueue, RequestQueue, requestsJobId, type ShardJob } from './queue.js';
import { openRedis } from './redis.js';
import { MAX_CRASHES, ShardWorker } from './shard-worker.js';

const redis = openRedis(inject('redisUrl'), 'shard-worker-spec');
afterAll(() => redis.disconnect());

let namespace: string;
let queue: RequestQueue;
let closers: (() => Promise<void>)[];
beforeEach(() => {
  namespace = randomNamespace();
  queue = new RequestQueue(redis, { namespace, shards: 1 });
  closers = [() => queue.close()];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

const batchOf = (batch: string): RequestBatch => ({ service: 'shop', batch, shard: 0, receivedAt: 1, requests: [] });
const idOf = (batch: string) => requestsJobId(batchOf(batch));
const nameOf = ({ data }: ShardJob) => ('batch' in data ? data.batch : 'report' in data ? data.report.alertId : data.erasure);

async function open(work: (job: ShardJob) => Promise<'done' | 'left'>, dead: unknown[] = []): Promise<ShardWorker> {
  const worker = await ShardWorker.open(redis, {
    namespace,
    shard: 0,
    work,
    onDeadLetter: (id, reason, final) => dead.push({ id, reason, final }),
  });
  closers.push(() => worker.close());
  return worker;
}
async function counts(): Promise<Record<string, number>> {
  const reader = await openQueue(redis, namespace, 0);
  const found = await reader.getJobCounts('wait', 'active', 'completed', 'failed');
  await reader.close();
  return found;
}

it('works off jobs one at a time, oldest first, and keeps them until they are forgotten', async () => {
  const seen: string[] = [];
  let under = 0;
  const worker = await open(async (job) => {
    under += 1;
    expect(under).toBe(1);
    seen.push(nameOf(job));
    await new Promise((resolve) => setTimeout(resolve, 5));
    under -= 1;
    return 'done';
  });
  const names = Array.from({ length: 12 }, (_, i) => `b${i}`);
  for (const name of names) await queue.enqueue([batchOf(name)]);
  worker.start();
  await expect.poll(worker.kept.bind(worker)).toEqual(names.map(idOf));
  expect(seen).toEqual(names);
  expect(await worker.find(idOf('b3'))).toEqual({ id: idOf('b3'), name: 'requests', data: batchOf('b3') });
  await queue.enqueue([batchOf('b3')]); // A retry of what is done.
  await worker.forget([idOf('b0'), idOf('b3'), 'never there']);
  expect(await worker.kept()).toHaveLength(10);
  expect(await worker.find(idOf('b3'))).toBeUndefined();
  expect(seen).toHaveLength(12);
});

describe('a shard that changes hands', () => {
  it('gets back what was left, in its old place, and the earlier worker takes nothing more', async () => {
    const first: string[] = [];
    const leaving = await open(async (job) => {
      first.push(nameOf(job));
      return 'left';
    });
    for (const name of ['b1', 'b2', 'b3']) await queue.enqueue([batchOf(name)]);
    leaving.start();
    await expect.poll(() => first).toEqual(['b1']);
    await leaving.close();
    expect(await counts()).toEqual({ wait: 3, active: 0, completed: 0, failed: 0 });
    const second: string[] = [];
    const next = await open(async (job) => {
      second.push(nameOf(job));
      return 'done';
    });
    expect(await next.reclaim()).toBe(0);
    next.start();
    await expect.poll(() => second).toEqual(['b1', 'b2', 'b3']);
    expect(first).toEqual(['b1']);
  });

  it('gets at once what a worker had under way that does not answer any more, and once only where it wakes up', async () => {
    let wake: (answer: 'left') => void = () => {};
    const began: string[] = [];
    const asleep = await open((job) => {
      began.push(nameOf(job));
      return new Promise((resolve) => {
        wake = resolve;
      });
    });
    for (const name of ['b1', 'b2']) await queue.enqueue([batchOf(name)]);
    asleep.start();
    await expect.poll(() => began).toEqual(['b1']);
    const done: string[] = [];
    const next = await open(async (job) => {
      done.push(nameOf(job));
      return 'done';
    });
    expect(await next.reclaim()).toBe(1);
    next.start();
    await expect.poll(() => done).toEqual(['b1', 'b2']);
    wake('left');
    await asleep.close();
    await expect.poll(counts).toEqual({ wait: 0, active: 0, completed: 2, failed: 0 });
    expect(done).toEqual(['b1', 'b2']);
  });
});

describe('dead letters', () => {
  it('are made of a job that was under way whenever its worker ended, unread, and of no other', async () => {
    for (const name of ['killer', 'innocent']) await queue.enqueue([batchOf(name)]);
    for (let crash = 0; crash < MAX_CRASHES; crash += 1) {
      let took = false;
      const victim = await open(() => {
        took = true;
        return new Promise(() => {}); // As if killed: nobody answers for the job.
      });
      closers.pop();
      victim.start();
      await expect.poll(() => took).toBe(true);
      const next = await open(async () => 'done');
      expect(await next.reclaim()).toBe(1);
    }
    const dead: unknown[] = [];
    const done: string[] = [];
    const worker = await open(async (job) => {
      done.push(nameOf(job));
      return 'done';
    }, dead);
    worker.start();
    await expect.poll(() => done).toEqual(['innocent']);
    expect(dead).toMatchObject([{ id: idOf('killer'), final: false, reason: expect.stringContaining(`${MAX_CRASHES} times`) }]);
    expect(await worker.replay(idOf('killer'))).toBe(true);
    await expect.poll(() => done).toEqual(['innocent', 'killer']);
  });

  it('get one more chance, and no third', async () => {
    const dead: { final: boolean }[] = [];
    let attempts = 0;
    const worker = await open(async () => {
      attempts += 1;
      throw new Error('cannot be read');
    }, dead);
    worker.start();
    await queue.enqueue([batchOf('b1')]);
    await expect.poll(() => dead).toMatchObject([{ final: false, reason: 'cannot be read' }]);
    expect(await worker.deadLetters()).toEqual([idOf('b1')]);
    expect(await worker.replay(idOf('b1'))).toBe(true);
    await expect.poll(() => dead.length).toBe(2);
    expect(dead[1]?.final).toBe(true);
    expect(await worker.replay(idOf('b1'))).toBe(false);
    expect(await worker.replay('never there')).toBe(false);
    expect(attempts).toBe(2);
    expect(await worker.deadLetters()).toEqual([idOf('b1')]);
  });
});
