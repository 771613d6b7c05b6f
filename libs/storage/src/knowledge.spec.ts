import type { Population } from '@plimsoll/detection';
import { afterAll, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import {
  type KnowledgeMessage,
  loadKnowledge,
  readUsual,
  saveCollapses,
  savePopulations,
  saveUsual,
  subscribeKnowledge,
} from './knowledge.js';
import { openRedis } from './redis.js';

const redis = openRedis(inject('redisUrl'), 'knowledge-spec');
const subscriber = openRedis(inject('redisUrl'), 'knowledge-spec-listener');
afterAll(() => {
  redis.disconnect();
  subscriber.disconnect();
});
const population = (endpoint: string, mean: number): Population => ({
  service: 'shop',
  endpoint,
  statistics: [{ windowSeconds: 10, blocks: 5, mean, variance: 1 }],
});

it('keeps the newest population of each endpoint and every collapse, and tells those who listen', async () => {
  const namespace = randomNamespace();
  const heard: KnowledgeMessage[] = [];
  const stop = await subscribeKnowledge(subscriber, namespace, (message) => heard.push(message));
  await savePopulations(redis, namespace, [population('GET /a', 1), population('GET /__proto__', 2)]);
  await savePopulations(redis, namespace, [population('GET /a', 3)]);
  await savePopulations(redis, namespace, []);
  const collapses = [
    { service: 'shop', collapse: '/blog/:id' },
    { service: 'billing', collapse: '/blog/:id' },
  ];
  await saveCollapses(redis, namespace, collapses);
  await saveCollapses(redis, namespace, collapses);
  const loaded = await loadKnowledge(redis, namespace);
  expect(new Map(loaded.populations.map((each) => [each.endpoint, each.statistics[0]?.mean]))).toEqual(
    new Map([
      ['GET /a', 3],
      ['GET /__proto__', 2],
    ]),
  );
  expect(loaded.collapses).toHaveLength(2);
  expect(loaded.collapses).toEqual(expect.arrayContaining(collapses));
  await expect.poll(() => heard.length).toBe(4);
  expect(heard[1]).toEqual({ populations: [population('GET /a', 3)] });
  await stop();
});

it('keeps what is usual of each service, for those who ask', async () => {
  const namespace = randomNamespace();
  const usual = (service: string, minute: number) => ({ service, minute, bands: [[1, 2]] as [number, number][] });
  await saveUsual(redis, namespace, [usual('shop', 1), usual('bank', 1)]);
  await saveUsual(redis, namespace, [usual('shop', 2)]);
  await saveUsual(redis, namespace, []);
  expect(await readUsual(redis, namespace, ['shop', 'nobody'])).toEqual([usual('shop', 2)]);
  expect(await readUsual(redis, namespace, [])).toEqual([]);
});
