import { afterAll, beforeEach, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { openRedis } from './redis.js';
import { DERIVED_ID, findSeen, markSeen } from './seen.js';

const DAY = 86_400_000;
const NOW = 1_790_000_000_000;
const redis = openRedis(inject('redisUrl'), 'seen-spec');
afterAll(() => redis.disconnect());
let namespace: string;
beforeEach(() => {
  namespace = randomNamespace();
});
const find = (ids: string[], now = NOW, service = 'shop') => findSeen(redis, namespace, service, ids, now);
const mark = (ids: string[], now = NOW) => markSeen(redis, namespace, 'shop', ids, now);

it('knows what was counted today and yesterday, by service', async () => {
  await mark(['a', 'b']);
  expect(await find(['b', 'c', 'a', 'b'])).toEqual([true, false, true, true]);
  expect(await find(['a'], NOW + DAY)).toEqual([true]);
  expect(await find(['a'], NOW + 2 * DAY)).toEqual([false]);
  expect(await find(['a'], NOW, 'billing')).toEqual([false]);
});

it('takes any text for an id', async () => {
  const ids = [
    'active',
    'meta',
    '__proto__',
    'constructor',
    'a\r\nDEL x',
    '\0',
    '{x}',
    ' ',
    '0',
    '-1',
    'é'.repeat(128),
    '\u{1f600}',
  ];
  await mark(ids);
  expect(await find(ids)).toEqual(ids.map(() => true));
  expect(await find(ids.map((id) => `${id}.`))).toEqual(ids.map(() => false));
});

it('keeps no ids that ingestion made from batch and index', async () => {
  await mark([`${DERIVED_ID}x`]);
  expect(await find([`${DERIVED_ID}x`, 'y'])).toEqual([false, false]);
  expect(await redis.keys(`*${namespace}*`)).toEqual([]);
});

it('stores a day of ids compactly, with an end', async () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `log-${i}`);
  for (let from = 0; from < ids.length; from += 5_000) await mark(ids.slice(from, from + 5_000));
  const keys = await redis.keys(`*${namespace}*`);
  const key = keys[0] ?? '';
  expect(await redis.object('ENCODING', key)).toBe('intset');
  expect(await redis.ttl(key)).toBeGreaterThan(86_400);
  expect((await find(ids)).every(Boolean)).toBe(true);
});

it('drops and counts what finds no room, and still knows the rest', async () => {
  await mark(['a']);
  const [key = ''] = await redis.keys(`*${namespace}*`);
  await redis.sadd(key, ...Array.from({ length: 511 }, (_, i) => i));
  expect(await mark(['a'])).toBe(0);
  let dropped = 0;
  for (let i = 0; dropped === 0 && i < 100; i += 1)
    dropped = await mark(Array.from({ length: 1_000 }, (_, j) => `new-${i}-${j}`));
  expect(dropped).toBeGreaterThan(0);
  expect(await find(['a'])).toEqual([true]);
});
