import { afterAll, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { loadBaselines, saveBaselines } from './baselines.js';
import { eraseFromBaselines, namesActor } from './erase-baselines.js';
import { openRedis } from './redis.js';

describe('whether a text names an actor', () => {
  const odd = 'mal"oryé\n7';
  const ascii = (text: string) =>
    text.replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const nest = (value: unknown, depth: number): string => (depth === 0 ? String(value) : JSON.stringify(nest(value, depth - 1)));

  it.each<[string, string, string, boolean]>([
    ['a key of JSON', 'u1', 'r["shop",false,"actor","u1"]', true],
    ['a part of a key between lines', 'u1', 'frate\nshop\nactor\nu1\nGET /', true],
    ['such a key within JSON', 'u1', JSON.stringify({ key: 'rate\nshop\nactor\nu1\nGET /' }), true],
    ['a member of a list', 'u1', '{"actors":["u0","u1"]}', true],
    ['the word of a sentence', 'u1', '{"said":"u1 was quick"}', true],
    ['another that begins alike', 'u1', '["u12"]', false],
    ['another that ends alike', 'u1', '["au1"]', false],
    ['a number is no id', '7', '{"count":7,"list":[7,7]}', false],
    ['unless it stands for one', '7', '{"actors":["7"]}', true],
    ['an expression', 'u.*', '["u12"]', false],
    ['nothing', 'u1', '', false],
  ])('%s', (_, actor, text, named) => {
    expect(namesActor(actor)(text)).toBe(named);
  });

  it.each([1, 2, 3])('in JSON %d deep, whatever it is made of, in ASCII or not', (depth) => {
    const text = nest(odd, depth);
    expect([namesActor(odd)(text), namesActor(odd)(ascii(text))]).toEqual([true, true]);
  });
});

describe('what a shard has learnt', () => {
  const redis = openRedis(inject('redisUrl'), 'erase-baselines-spec');
  afterAll(() => redis.disconnect());
  const json = (value: unknown) => Buffer.from(`\u0001${JSON.stringify(value)}`);
  const finding = (id: string) => ({
    ...{
      kind: 'rate',
      service: 'shop',
      phase: 'opened',
      severity: 'high',
      endpoint: 'GET /open',
      subject: { type: 'actor', id },
    },
    ...{ explanation: '42 requests a minute', signals: [{ name: 'requests', observed: 42 }], actors: [id] },
  });
  /** What a model keeps of one actor, by the keys that it has. */
  const entriesOf = (id: string): [string, Uint8Array][] => [
    [`r${JSON.stringify(['shop', false, 'actor', id, 'GET /open'])}`, Buffer.from([3, 0, 200, 17])],
    [`w${JSON.stringify(['shop', 'actor', id, 0])}`, json({ version: 1, service: 'shop', type: 'actor', id, partners: [] })],
    [`f${JSON.stringify(['rate', 'shop', 0, 'actor', id, 'GET /open'])}`, json({ finding: finding(id), past: false, count: 42 })],
  ];
  const lists = (...accounts: string[]): [string, Uint8Array] => [
    `w${JSON.stringify(['shop', 'address', `of ${accounts}`, 0])}`,
    json({
      type: 'address',
      partners: accounts.map((name) => ({ name, row: 1 })),
      pending: [[accounts[0], '192.0.2.1', 42, true]],
    }),
  ];

  it.each(['shop', 'actor', 'rate', 'high', 'GET', '42', 'name', 'observed', 'mallory', '["mal"]', 'GET /x'])(
    'of %s is forgotten, where it is an id, and of nobody else',
    async (id) => {
      const namespace = randomNamespace();
      const lease = { shard: 0, generation: 1 };
      const others = [...entriesOf('u1'), lists('u2', 'u3'), ['ushop', json([1, 'GET /open'])] as [string, Uint8Array]];
      const own = [...entriesOf(id), lists(id, 'u3')];
      await saveBaselines(redis, namespace, lease, 1, { puts: [...others, ...own], deletes: [] });
      expect(await eraseFromBaselines(redis, namespace, lease, id)).toBe(own.length);
      const { entries } = await loadBaselines(redis, namespace, 0);
      expect(entries.map(([key]) => key).sort()).toEqual(others.map(([key]) => key).sort());
    },
  );
});
