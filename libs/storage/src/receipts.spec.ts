import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { type DatedReceipt, endWarning, firstWarning, MAX_INSTANCES, noteReceipts, readInstances } from './receipts.js';
import { openRedis } from './redis.js';

const T = 1_790_000_000_000;
let redis: ReturnType<typeof openRedis>;
let namespace = '';
beforeAll(() => {
  redis = openRedis(inject('redisUrl'), 'test');
});
beforeEach(() => {
  namespace = randomNamespace();
});
afterAll(() => redis.disconnect());

const receipt = (instance: string, version: number, at: number, change: Partial<DatedReceipt> = {}) => ({
  service: 'shop',
  instance,
  name: instance,
  sdk: '0.1.0',
  via: 'stream' as const,
  goodbye: false,
  appliedMsAgo: 0,
  version,
  at,
  ...change,
});
const note = (...receipts: ReturnType<typeof receipt>[]) => noteReceipts(redis, namespace, receipts);
const read = (now = T, service = 'shop') => readInstances(redis, namespace, service, now);

describe('receipts', () => {
  it('are kept by instance, with the first time of each version', async () => {
    await note(receipt('api-10', 1, T - 50), receipt('api-2', 1, T - 40));
    await note(receipt('api-10', 2, T - 30));
    await note(receipt('api-10', 2, T - 20));
    expect(await read()).toEqual([
      expect.objectContaining({ id: 'api-2', version: 1, since: T - 40, seenAt: T - 40, applied: [[1, T - 40]] }),
      expect.objectContaining({
        name: 'api-10',
        version: 2,
        since: T - 50,
        seenAt: T - 20,
        applied: [
          [2, T - 30],
          [1, T - 50],
        ],
      }),
    ]);
    expect(await read(T, 'bank')).toEqual([]);
  });

  it('tell when a version was applied, however late they come', async () => {
    await note(receipt('api-1', 1, T, { appliedMsAgo: 420.5 }));
    await note(receipt('api-1', 1, T + 30_000, { appliedMsAgo: 30_420 }));
    expect((await read(T + 30_000))[0]).toMatchObject({ applied: [[1, T - 420]], seenAt: T + 30_000 });
  });

  it('keep the last sixteen versions', async () => {
    for (let version = 1; version <= 40; version += 1) await note(receipt('api-1', version, T + version));
    const [one] = await read();
    expect([one?.applied.length, one?.applied[0]?.[0], one?.applied.at(-1)?.[0]]).toEqual([16, 40, 25]);
  });

  it('are gone with a goodbye, and forgotten after an hour', async () => {
    await note(receipt('api-1', 1, T), receipt('api-2', 1, T), receipt('api-3', 1, T + 1));
    await note(receipt('api-1', 1, T, { goodbye: true }));
    expect((await read(T + 3_600_000)).map(({ id }) => id)).toEqual(['api-3']);
    expect((await read(T)).map(({ id }) => id)).toEqual(['api-3']);
  });

  it('are bounded for a service: those known go on, others are left out and counted', async () => {
    const many = Array.from({ length: MAX_INSTANCES }, (_, index) => receipt(`i${index}`, 1, T));
    expect(await note(...many)).toBe(0);
    expect(await note(receipt('late', 1, T), receipt('i7', 2, T))).toBe(1);
    const all = await read();
    expect([all.length, all.find(({ id }) => id === 'i7')?.version]).toEqual([MAX_INSTANCES, 2]);
  });

  it('take any text for a name', async () => {
    const name = `päin "] \\ \u2028 ${'x'.repeat(60)}`;
    await note(receipt('a', 1, T, { name }));
    await note(receipt('a', 2, T, { name }));
    expect((await read())[0]?.name).toBe(name);
  });
});

it('a warning is given once, until it is ended', async () => {
  expect(await Promise.all([1, 2, 3].map(() => firstWarning(redis, namespace, 'shop:a')))).toEqual([true, false, false]);
  await endWarning(redis, namespace, 'shop:a');
  expect(await firstWarning(redis, namespace, 'shop:a')).toBe(true);
});
