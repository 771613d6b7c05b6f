import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { FeedKeyChain } from '../../sdk/src/feed-keys.js';
import { type Database, openDatabase } from './database.js';
import { FEED_KEY_ACTIVE_MS, feedKeysFrom, pinOf, signDetached, turnFeedKeys } from './feed-keys.js';
import * as schema from './schema-channel.js';

const T0 = 1_790_000_000_000;
const secret = randomBytes(32);
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 8 });
  db = database.db;
});
beforeEach(async () => {
  await db.delete(schema.feedKey);
});
afterAll(() => database.close());

const turn = (now = T0, key = secret) => turnFeedKeys(db, key, now);
const month = (count: number) => T0 + count * FEED_KEY_ACTIVE_MS;

describe('the ring of the feed', () => {
  it('starts with one key, also when many processes start at once, and keeps it for its time', async () => {
    const rings = await Promise.all(Array.from({ length: 8 }, () => turn()));
    expect(new Set(rings.map(({ signer }) => signer.kid)).size).toBe(1);
    expect((await turn(month(1) - 1)).signer.kid).toBe(rings[0]?.signer.kid);
  });

  it('gives each successor the word of the one before, and an SDK that pins the first follows to the last', async () => {
    const first = await turn();
    const last = [await turn(month(1)), await turn(month(2)), await turn(month(3))].at(-1);
    if (last === undefined) throw new Error('no ring');
    expect(last.chain).toHaveLength(4);
    const payload = Buffer.from('{"type":"beat"}');
    const jws = signDetached('plimsoll-feed', payload, last.signer);
    for (const pin of [pinOf(first), pinOf(last)]) {
      const chain = new FeedKeyChain(pin);
      expect(chain.holds('plimsoll-feed', payload, jws)).toBe(false);
      expect(chain.learn(JSON.stringify(feedKeysFrom(last, pin)))).toBe(true);
      expect(chain.holds('plimsoll-feed', payload, jws)).toBe(true);
      expect(chain.holds('plimsoll-feed', Buffer.from('{"type":"beat"} '), jws)).toBe(false);
      expect(chain.holds('plimsoll-feed-key', payload, jws)).toBe(false);
    }
    const stepsBack = new FeedKeyChain(pinOf(first));
    expect(stepsBack.learn(JSON.stringify(feedKeysFrom(last, pinOf(first))))).toBe(true);
    expect(stepsBack.learn(JSON.stringify(feedKeysFrom(first, pinOf(first))))).toBe(false);
  });

  it('keeps no private part of a key that is past', async () => {
    const first = await turn();
    await turn(month(1));
    const [row] = await db.select().from(schema.feedKey).where(eq(schema.feedKey.kid, first.signer.kid));
    expect([row?.state, row?.privateJwk]).toEqual(['past', '']);
  });

  it('begins a new chain where its secret is another one: who pins the old one trusts none of it', async () => {
    const before = await turn();
    const after = await turn(T0 + 1, randomBytes(32));
    expect(after.chain).toHaveLength(1);
    expect(feedKeysFrom(after, pinOf(before))).toBeUndefined();
  });

  it('does not sign with a key that was written into the table without the secret', async () => {
    const other = await turn(T0, randomBytes(32));
    const ring = await turn(T0);
    expect(ring.signer.kid).not.toBe(other.signer.kid);
    await db.update(schema.feedKey).set({ publicJwk: { ...other.chain[0], kid: ring.signer.kid } });
    expect((await turn(T0)).signer.kid).not.toBe(ring.signer.kid);
  });

  it('signs as RFC 7797 says: a verifier that knows nothing of us agrees', async () => {
    const { signer, chain } = await turn();
    const payload = Buffer.from('{"a":"\u00e9"}');
    const [header = '', , signature = ''] = signDetached('plimsoll-feed', payload, signer).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      b64: false,
      crit: ['b64'],
      kid: signer.kid,
      typ: 'plimsoll-feed',
    });
    const { x = '', y = '' } = chain[0] ?? {};
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    const signed = Buffer.concat([Buffer.from(`${header}.`), payload]);
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('hands nothing out for pins that are none', async () => {
    const ring = await turn();
    for (const pin of ['', pinOf(ring).slice(0, 21), `${pinOf(ring).slice(0, 21)}!`, ring.signer.kid]) {
      expect(feedKeysFrom(ring, pin)).toBeUndefined();
    }
  });
});
