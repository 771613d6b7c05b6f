import { createHash } from 'node:crypto';
import type { StoredKey } from '@plimsoll/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import { KEY_BELIEVED_MS, KeyCache } from './key-cache.js';

const prefix = 'AAAAbbbb1111';
const secret = 's'.repeat(43);
const text = `plim_${prefix}_${secret}`;
const otherText = (i: number) => `plim_${String(i).padStart(12, '0')}_${secret}`;

let now = 0;
let revokedAt: number | null = null;
let expiresAt: number | null = null;
let asked: string[] = [];
let away = false;
let touched: ReadonlyMap<string, number>[] = [];
let dropped: string[] = [];
let cache: KeyCache;
beforeEach(() => {
  [now, revokedAt, expiresAt, asked, away, touched, dropped] = [1_000_000, null, null, [], false, [], []];
  cache = new KeyCache({
    find,
    findAll,
    touch: async (uses) => void touched.push(new Map(uses)),
    now: () => now,
    onDrop: (name) => dropped.push(name),
  });
});
async function find(wanted: string): Promise<StoredKey | undefined> {
  asked.push(wanted);
  if (away) throw new Error('connection refused');
  if (wanted !== prefix) return undefined;
  const key = {
    id: 'key_1',
    service: 'shop',
    name: 'test',
    prefix,
    scopes: ['ingest:write' as const],
    requireSignedBatches: false,
    createdAt: 0,
    lastUsedAt: null,
    revokedAt,
    expiresAt,
  };
  return { key, hash: createHash('sha256').update(secret).digest('base64url') };
}
const findAll = async (wanted: string[]) => (await Promise.all(wanted.map(find))).filter((each) => each !== undefined);
const codeOf = (wanted: string, address = '192.0.2.1') =>
  cache.authenticate(wanted, address).then(
    (key) => key.id,
    (error) => error.code,
  );

describe('the key cache', () => {
  it('asks once for a key in 5 s, also for many at once', async () => {
    expect(await Promise.all(Array.from({ length: 5 }, () => codeOf(text)))).toEqual(Array(5).fill('key_1'));
    now += KEY_BELIEVED_MS - 1;
    expect(await codeOf(text)).toBe('key_1');
    expect(asked).toEqual([prefix]);
    now += 1;
    await codeOf(text);
    expect(asked).toHaveLength(2);
  });

  it('refuses a revoked key 5 s later at the latest', async () => {
    await codeOf(text);
    revokedAt = now;
    now += KEY_BELIEVED_MS;
    expect(await codeOf(text)).toBe('invalid-key');
  });

  it('asks anew for keys by which somebody reads, and believes that at once', async () => {
    await codeOf(text);
    expect(await cache.endedAmong([prefix, 'AAAAbbbb2222'])).toEqual(['AAAAbbbb2222']);
    revokedAt = now;
    expect(await codeOf(text)).toBe('key_1');
    expect(await cache.endedAmong([prefix])).toEqual([prefix]);
    expect(await codeOf(text)).toBe('invalid-key');
    away = true;
    await expect(cache.endedAmong([prefix])).rejects.toThrow();
  });

  it('asks for many keys in questions of a thousand', async () => {
    const questions: number[] = [];
    const many = new KeyCache({
      find,
      touch: async () => {},
      now: () => now,
      findAll: async (some) => {
        questions.push(some.length);
        return [];
      },
    });
    const prefixes = Array.from({ length: 2_500 }, (_, i) => String(i).padStart(12, '0'));
    expect(await many.endedAmong(prefixes)).toHaveLength(2_500);
    expect(questions).toEqual([1_000, 1_000, 500]);
  });

  it('refuses a key from its end on, without asking anew', async () => {
    expiresAt = now + 1_000;
    expect(await codeOf(text)).toBe('key_1');
    now += 999;
    expect(await codeOf(text)).toBe('key_1');
    now += 1;
    expect(await codeOf(text)).toBe('invalid-key');
    expect(asked).toHaveLength(1);
  });

  it('counts the 5 s from the question, not from the answer', async () => {
    const slow = new KeyCache({
      find: async (wanted) => find(wanted).finally(() => (now += 4_000)),
      findAll,
      touch: async () => {},
      now: () => now,
    });
    await slow.authenticate(text, '192.0.2.1');
    now += 1_000;
    await slow.authenticate(text, '192.0.2.1');
    expect(asked).toHaveLength(2);
  });

  it('refuses a wrong secret and an unknown prefix alike', async () => {
    expect(await codeOf(`plim_${prefix}_${'x'.repeat(43)}`)).toBe('invalid-key');
    expect(await codeOf(otherText(1))).toBe('invalid-key');
    expect(await codeOf('rubbish')).toBe('invalid-key');
  });

  it('lets nobody in on old news while the database is away', async () => {
    await codeOf(text);
    away = true;
    expect(await codeOf(text)).toBe('key_1');
    now += KEY_BELIEVED_MS;
    expect(await codeOf(text)).toBe('unavailable');
    away = false;
    expect(await codeOf(text)).toBe('key_1');
  });

  it('stops one address from guessing on, and nobody else', async () => {
    const codes = [];
    for (let i = 0; i < 150; i += 1) codes.push(await codeOf(otherText(i)));
    expect(codes[0]).toBe('invalid-key');
    expect(codes.at(-1)).toBe('too-many-requests');
    expect(asked.length).toBeLessThan(110);
    expect(await codeOf(otherText(1000), '192.0.2.2')).toBe('invalid-key');
    expect(await codeOf(text, '192.0.2.2')).toBe('key_1');
    now += KEY_BELIEVED_MS;
    expect(await codeOf(text, '192.0.2.1')).toBe('key_1');
  });

  it('forgets unknown prefixes first when it is full', async () => {
    await codeOf(text);
    for (let i = 0; i < 10_050; i += 1) await codeOf(otherText(i), `192.0.2.${i % 200}`);
    expect(dropped.filter((name) => name === 'keys').length).toBeGreaterThan(0);
    const before = asked.length;
    expect(await codeOf(text)).toBe('key_1');
    expect(asked).toHaveLength(before);
  });

  it('writes the last use of each key once, and again where writing fails', async () => {
    await codeOf(text);
    now += 10;
    await codeOf(text);
    await cache.writeUses();
    expect(touched).toEqual([new Map([['key_1', now]])]);
    const failing = new KeyCache({
      find,
      findAll,
      now: () => now,
      touch: async (uses) => {
        touched.push(new Map(uses));
        throw new Error('away');
      },
    });
    await failing.authenticate(text, '192.0.2.1');
    await failing.writeUses();
    await failing.writeUses();
    expect(touched.slice(1)).toEqual([new Map([['key_1', now]]), new Map([['key_1', now]])]);
  });
});
