import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { type Database, openDatabase } from './database.js';
import { createKey, findKeyByPrefix, listKeys, readKeyText, revokeKey, rotateKey, secretMatches, touchKeys } from './keys.js';
import { createService, getService, listServices, updateService } from './services.js';

const NOW = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await createService(db, { id: 'shop' }, NOW);
});
afterAll(() => database.close());

describe('services', () => {
  it('start with monitoring and the default settings', async () => {
    expect(await getService(db, 'shop')).toEqual({
      id: 'shop',
      environment: 'production',
      dryRun: false,
      team: 'default',
      policy: 'monitor',
      settings: DEFAULT_SETTINGS,
      historyDays: null,
      createdAt: NOW,
    });
  });

  it('are created once', async () => {
    const draft = { id: 'bank', environment: 'staging', team: 'money', policy: 'block', settings: { baseLimit: 5 } } as const;
    expect(await createService(db, draft, NOW)).toMatchObject({ ...draft, settings: { baseLimit: 5, sensitivity: 1.5 } });
    expect(await createService(db, { id: 'bank' }, NOW)).toBeUndefined();
    expect((await listServices(db)).map(({ id }) => id)).toEqual(['bank', 'shop']);
  });

  it('change in what a patch names, also when two patches meet', async () => {
    await createService(db, { id: 'club' }, NOW);
    await Promise.all([
      updateService(db, 'club', { settings: { baseLimit: 7 } }),
      updateService(db, 'club', { settings: { sensitivity: 3, baseLimit: undefined } }),
      updateService(db, 'club', { policy: 'throttle' }),
    ]);
    expect(await getService(db, 'club')).toMatchObject({ policy: 'throttle', settings: { baseLimit: 7, sensitivity: 3 } });
    expect(await updateService(db, 'nobody', { policy: 'block' })).toBeUndefined();
    expect(await getService(db, 'nobody')).toBeUndefined();
  });
});

describe('keys', () => {
  it('are found by the prefix of their text and fit their secret alone', async () => {
    const [{ key, secret }, other] = [
      await createKey(db, { service: 'shop', name: 'web' }, NOW),
      await createKey(db, { service: 'shop', name: 'app' }, NOW + 1),
    ];
    const parts = readKeyText(secret);
    expect(parts?.prefix).toBe(key.prefix);
    const stored = await findKeyByPrefix(db, key.prefix);
    expect(stored?.key).toEqual({ ...key, lastUsedAt: null, revokedAt: null, expiresAt: null });
    expect(secretMatches(stored, parts?.secret ?? '')).toBe(true);
    expect(secretMatches(stored, readKeyText(other.secret)?.secret ?? '')).toBe(false);
    expect(secretMatches(undefined, parts?.secret ?? '')).toBe(false);
    expect((await listKeys(db, 'shop')).map(({ name }) => name)).toEqual(['web', 'app']);
    expect(await findKeyByPrefix(db, 'nonenonenone')).toBeUndefined();
  });

  it('never lie in the database as they are', async () => {
    const { key, secret } = await createKey(db, { service: 'shop', name: 'hidden' }, NOW);
    const row = await database.db.query.serviceKey.findFirst({ where: (table, { eq }) => eq(table.id, key.id) });
    expect(JSON.stringify(row)).not.toContain(readKeyText(secret)?.secret);
  });

  it('are revoked once and for good', async () => {
    const { key } = await createKey(db, { service: 'shop', name: 'old' }, NOW);
    expect(await revokeKey(db, key.id, NOW + 5)).toMatchObject({ revokedAt: NOW + 5 });
    expect(await revokeKey(db, key.id, NOW + 9)).toMatchObject({ revokedAt: NOW + 5 });
    expect(await revokeKey(db, 'key_none', NOW)).toBeUndefined();
  });

  it('are taken over by a successor that may the same, and end after the overlap or at their own end', async () => {
    const draft = { service: 'shop', name: 'pods', scopes: ['ingest:write'] as const, requireSignedBatches: true };
    const { key } = await createKey(db, { ...draft, scopes: [...draft.scopes] }, NOW);
    const rotate = (id: string, overlapMs: number, now: number) =>
      db.transaction((tx) => rotateKey(tx, id, { overlapMs, pin: 'p'.repeat(22) }, now));
    const next = await rotate(key.id, 1_000, NOW);
    expect(next).toMatchObject({ key: { ...draft, expiresAt: null }, before: { id: key.id, expiresAt: NOW + 1_000 } });
    expect((await rotate(key.id, 9_000, NOW + 999))?.before.expiresAt).toBe(NOW + 1_000);
    expect(await rotate(key.id, 9_000, NOW + 1_000)).toBeUndefined();
    await revokeKey(db, next?.key.id ?? '', NOW);
    expect(await rotate(next?.key.id ?? '', 0, NOW)).toBeUndefined();
    expect(await rotate('key_none', 0, NOW)).toBeUndefined();
  });

  it('keep the latest of their uses', async () => {
    const { key } = await createKey(db, { service: 'shop', name: 'used' }, NOW);
    await touchKeys(db, new Map([[key.id, NOW + 7]]));
    await touchKeys(db, new Map([[key.id, NOW + 3]]));
    await touchKeys(db, new Map());
    expect((await findKeyByPrefix(db, key.prefix))?.key.lastUsedAt).toBe(NOW + 7);
  });

  it('need a service', async () => {
    await expect(createKey(db, { service: 'nobody', name: 'x' }, NOW)).rejects.toThrow();
  });

  it.each([
    '',
    'plim_',
    'plim_short_x',
    `plim_${'a'.repeat(12)}_${'b'.repeat(42)}`,
    `xplim_${'a'.repeat(12)}_${'b'.repeat(43)}`,
    `plim_${'a'.repeat(12)}_${'b'.repeat(43)}\n`,
  ])('are refused by their look: %j', (text) => expect(readKeyText(text)).toBeUndefined());
});
