import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { batchText, instanceText, type Key, SIGNATURE_VALID_MS } from '@plimsoll/contracts';
import { findInstanceKey, openRedis, registerInstance, takeSignedBatch } from '@plimsoll/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { SignedBatches } from './signed-batches.js';

const T = 1_790_000_000_000;
let redis: ReturnType<typeof openRedis>;
let now = T;
let namespace = '';
let signed: SignedBatches;
beforeAll(() => {
  redis = openRedis(inject('redisUrl'), 'test');
});
afterAll(() => redis.disconnect());
const made = () =>
  new SignedBatches({
    register: (keyId, instance, one) => registerInstance(redis, namespace, keyId, instance, one),
    find: (keyId, instance) => findInstanceKey(redis, namespace, keyId, instance),
    take: (keyId, instance, batch) => takeSignedBatch(redis, namespace, keyId, instance, batch),
    now: () => now,
    onDrop: () => undefined,
  });
beforeEach(() => {
  namespace = randomNamespace();
  now = T;
  signed = made();
});

const key = (change: Partial<Key> = {}): Key => ({
  id: 'key_1',
  service: 'shop',
  name: 'test',
  prefix: 'abcdefabcdef',
  scopes: ['ingest:write'],
  requireSignedBatches: false,
  createdAt: 0,
  lastUsedAt: null,
  revokedAt: null,
  expiresAt: null,
  ...change,
});
const signature = (bytes: Buffer, privateKey: KeyObject) =>
  sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');

class Instance {
  readonly id: string = randomUUID();
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  register(of = key(), by: KeyObject = this.#pair.privateKey): Promise<string> {
    const { x = '', y = '' } = this.#pair.publicKey.export({ format: 'jwk' });
    const said = { instance: this.id, x, y };
    return outcome(signed.register(of, { ...said, signature: signature(Buffer.from(instanceText(of.prefix, said)), by) }));
  }

  send(batch: string, body = 'body', signedAt = now, of = key()): Promise<string> {
    const bytes = Buffer.from(batchText(of.prefix, { instance: this.id, batch, signedAt }) + body);
    const headers = {
      'plimsoll-instance': this.id,
      'plimsoll-signed-at': String(signedAt),
      'plimsoll-signature': signature(bytes, this.#pair.privateKey),
    };
    return check(headers, { id: batch, body: Buffer.from(body), hash: body }, of);
  }
}
const check = (headers: Record<string, unknown>, batch: { id: string | undefined; body: Buffer; hash: string }, of = key()) =>
  outcome(signed.check(of, headers, batch));
const outcome = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    (answer) => String(answer ?? 'done'),
    (error) => error.code,
  );

describe('a signed batch', () => {
  it('is taken in order, by whichever process it meets', async () => {
    const one = new Instance();
    expect(await one.register()).toBe('done');
    expect(await one.send('b1', 'first', now)).toBe('signed');
    signed = made();
    expect(await one.send('b2', 'second', now + 1)).toBe('signed');
    signed = made();
    expect(await one.send('b1', 'first', now)).toBe('replayed');
    expect(await one.send('b3', 'third', now + 1)).toBe('replayed');
    expect(await one.send('b3', 'third', now + 2)).toBe('signed');
  });

  it('is a retry where it is the last one, signed anew or not, and nothing else under its id', async () => {
    const one = new Instance();
    await one.register();
    expect([await one.send('b1', 'body', now + 5), await one.send('b1', 'body', now + 5)]).toEqual(['signed', 'signed']);
    expect(await one.send('b1', 'body', now + 9)).toBe('signed');
    // An earlier try that comes late moves nothing back.
    expect(await one.send('b1', 'body', now + 5)).toBe('signed');
    expect(await one.send('b2', 'next', now + 9)).toBe('replayed');
    expect(await one.send('b1', 'other', now + 10)).toBe('replayed');
  });

  it('is taken once where it comes many times at once after another', async () => {
    const one = new Instance();
    await one.register();
    await one.send('b0', 'x', now);
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, index) => one.send(`c${index}`, 'x', now + 1)));
    expect(outcomes.filter((each) => each === 'signed')).toHaveLength(1);
  });

  it.each([
    ['too old', -SIGNATURE_VALID_MS - 1, 'signature-invalid'],
    ['as old as may be', -SIGNATURE_VALID_MS, 'signed'],
    ['ahead of time', SIGNATURE_VALID_MS + 1, 'signature-invalid'],
    ['ahead as a clock may be', SIGNATURE_VALID_MS, 'signed'],
  ])('that is %s: %i ms, is %s', async (_what, ms, expected) => {
    const one = new Instance();
    await one.register();
    expect(await one.send('b1', 'x', now + ms)).toBe(expected);
  });

  it('needs its id, its instance, its time and a signature that is one', async () => {
    const one = new Instance();
    await one.register();
    const batch = { id: 'b1', body: Buffer.from('x'), hash: 'x' };
    const good = { 'plimsoll-instance': one.id, 'plimsoll-signed-at': String(now), 'plimsoll-signature': 'A'.repeat(86) };
    for (const [headers, id] of [
      [good, undefined],
      [{ ...good, 'plimsoll-instance': 'a b' }, 'b1'],
      [{ ...good, 'plimsoll-signed-at': '1e9' }, 'b1'],
      [{ ...good, 'plimsoll-signature': 'short' }, 'b1'],
      [good, 'b1'],
    ] as const) {
      expect(await check(headers, { ...batch, id })).toBe('signature-invalid');
    }
    expect(await check({}, batch)).toBe('unsigned');
    expect(await check({}, batch, key({ requireSignedBatches: true }))).toBe('signature-required');
  });
});

describe('the key of an instance', () => {
  it('is registered by who has it, for one API key', async () => {
    const [one, other] = [new Instance(), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
    expect(await one.register(key(), other.privateKey)).toBe('signature-invalid');
    expect(await one.send('b1')).toBe('instance-unknown');
    expect([await one.register(), await one.register()]).toEqual(['done', 'done']);
    expect(await one.send('b1', 'x', now, key({ id: 'key_2' }))).toBe('instance-unknown');
  });

  it('cannot be replaced while it is used, and is asked for again when it is forgotten', async () => {
    const one = new Instance();
    await one.register();
    const other = new Instance();
    Object.assign(other, { id: one.id });
    expect(await other.register()).toBe('conflict');
    await one.send('b1');
    await redis.del(`${namespace}:instance-key:key_1:${one.id}`);
    expect(await one.send('b2', 'x', now + 1)).toBe('instance-unknown');
    expect([await one.register(), await one.send('b2', 'x', now + 1)]).toEqual(['done', 'signed']);
  });

  it('is forgotten after an hour', async () => {
    const one = new Instance();
    await one.register();
    const ttl = await redis.pttl(`${namespace}:instance-key:key_1:${one.id}`);
    expect(ttl).toBeGreaterThan(3_500_000);
    expect(ttl).toBeLessThanOrEqual(3_600_000);
  });

  it('that is no point of the curve is none', async () => {
    const said = { instance: 'i', x: 'A'.repeat(43), y: 'B'.repeat(42).concat('A'), signature: 'A'.repeat(86) };
    expect(await outcome(signed.register(key(), said))).toBe('signature-invalid');
  });
});
