import { createHash, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { type Database, openDatabase } from './database.js';
import * as schema from './schema-channel.js';
import {
  ACTIVE_MS,
  dropSigningKeys,
  OVERLAP_MS,
  PUBLISHED_MS,
  readTokenEpoch,
  rotateSigningKeys,
  turnSigningKeys,
} from './signing-keys.js';

const T0 = 1_790_000_000_000;
const masterKey = randomBytes(32);
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 8 });
  db = database.db;
});
beforeEach(async () => {
  await db.delete(schema.signingKey);
});
afterAll(() => database.close());

const statesAt = async (now: number) =>
  Object.fromEntries((await turnSigningKeys(db, masterKey, now)).map(({ kid, state }) => [kid, state]));

describe('the ring', () => {
  it('starts with one active and one next, also when many processes start at once', async () => {
    const rings = await Promise.all(Array.from({ length: 8 }, () => turnSigningKeys(db, masterKey, T0)));
    for (const ring of rings) expect(ring.map(({ state }) => state).sort()).toEqual(['active', 'next']);
    expect(new Set(rings.flat().map(({ kid }) => kid)).size).toBe(2);
  });

  it('moves next -> active -> retiring -> gone, never signing with a key that was not published for an hour', async () => {
    const [first, second] = (await turnSigningKeys(db, masterKey, T0)).map(({ kid }) => kid) as [string, string];
    expect(await statesAt(T0 + ACTIVE_MS - 1)).toEqual({ [first]: 'active', [second]: 'next' });
    const turned = await statesAt(T0 + ACTIVE_MS);
    expect(turned).toMatchObject({ [first]: 'retiring', [second]: 'active' });
    expect(Object.values(turned).sort()).toEqual(['active', 'next', 'retiring']);
    expect(await statesAt(T0 + ACTIVE_MS + OVERLAP_MS - 1)).toHaveProperty(first, 'retiring');
    expect(await statesAt(T0 + ACTIVE_MS + OVERLAP_MS)).not.toHaveProperty(first);
    const [gone] = await db.select().from(schema.signingKey).where(eq(schema.signingKey.kid, first));
    expect(gone).toMatchObject({ state: 'gone', privateJwk: '' });
  });

  it('names each key by its RFC 7638 thumbprint, and its halves belong together', async () => {
    const [key] = await turnSigningKeys(db, masterKey, T0);
    const { x, y, kid } = key!.publicJwk;
    const canonical = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`;
    expect(kid).toBe(createHash('sha256').update(canonical).digest('base64url'));
    const text = Buffer.from('hello');
    const signature = sign('sha256', text, key!.privateKey);
    const publicKey = createPublicKey({ key: { ...key!.publicJwk }, format: 'jwk' });
    expect(verify('sha256', text, publicKey, signature)).toBe(true);
  });
});

describe('by command', () => {
  it('the next key signs, once it was published long enough, and the one before still verifies', async () => {
    expect(await rotateSigningKeys(db, T0)).toEqual({ type: 'none' });
    const [first, second] = (await turnSigningKeys(db, masterKey, T0)).map(({ kid }) => kid) as [string, string];
    expect(await rotateSigningKeys(db, T0 + PUBLISHED_MS - 1)).toEqual({ type: 'too-early', waitMs: 1 });
    expect(await rotateSigningKeys(db, T0 + PUBLISHED_MS)).toEqual({ type: 'rotated', kid: second });
    const states = await statesAt(T0 + PUBLISHED_MS);
    expect(states).toMatchObject({ [first]: 'retiring', [second]: 'active' });
    expect(Object.values(states).sort()).toEqual(['active', 'next', 'retiring']);
  });

  it('in an emergency all go, private parts are wiped, and the epoch never moves back', async () => {
    const before = (await turnSigningKeys(db, masterKey, T0)).map(({ kid }) => kid);
    expect(await dropSigningKeys(db, T0 + 1_500)).toBe(2);
    expect(await readTokenEpoch(db)).toBe(T0 + 1_000);
    const after = await turnSigningKeys(db, masterKey, T0 + 1_600);
    expect(after.map(({ state }) => state).sort()).toEqual(['active', 'next']);
    for (const { kid } of after) expect(before).not.toContain(kid);
    const gone = await db.select().from(schema.signingKey).where(eq(schema.signingKey.state, 'gone'));
    expect(gone.map(({ privateJwk }) => privateJwk)).toEqual(['', '']);
    await dropSigningKeys(db, T0);
    expect(await readTokenEpoch(db)).toBe(T0 + 1_000);
  });
});

describe('private parts', () => {
  it('are sealed: the row alone signs nothing', async () => {
    await turnSigningKeys(db, masterKey, T0);
    const rows = await db.select().from(schema.signingKey);
    for (const row of rows) expect(Buffer.from(row.privateJwk, 'base64url').toString('latin1')).not.toContain('"d"');
  });

  it('that another master key sealed put a key out of the ring, and new ones take their place', async () => {
    const old = await turnSigningKeys(db, randomBytes(32), T0);
    const now = await statesAt(T0 + 1);
    for (const { kid } of old) expect(now).not.toHaveProperty(kid);
    expect(Object.values(now).sort()).toEqual(['active', 'next']);
  });

  it('under a public key that somebody else put into the row are not trusted', async () => {
    const [active] = await turnSigningKeys(db, masterKey, T0);
    const [foreign] = await db.transaction(async (tx) => {
      const publicJwk = { ...active!.publicJwk, x: randomBytes(32).toString('base64url') };
      return tx.update(schema.signingKey).set({ publicJwk }).where(eq(schema.signingKey.kid, active!.kid)).returning();
    });
    expect(await statesAt(T0 + 1)).not.toHaveProperty(foreign!.kid);
  });
});
