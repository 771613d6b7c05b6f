import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKeyByPrefix, getService, listKeys, openDatabase, readKeyText, revokeKey, secretMatches } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../test/setup/database.js';
import { writeRun } from '../up/data-folder.js';
import { findTarget } from './target.js';

const data = mkdtempSync(join(tmpdir(), 'plimsoll-target-'));
let databaseUrl: string;
let database: ReturnType<typeof openDatabase>;

beforeAll(async () => {
  databaseUrl = await freshDatabase();
  database = openDatabase(databaseUrl, { max: 1 });
});
afterAll(async () => {
  await database.close();
  rmSync(data, { recursive: true });
});
const find = (more: { service?: string; url?: string; key?: string } = {}) =>
  findTarget({ service: 'shop', data, url: undefined, key: undefined, ...more });

describe('where to ship to', () => {
  it('is what is named, and says what is missing', async () => {
    expect(await find({ url: 'https://ingest.example', key: 'plim_x' })).toEqual({
      url: 'https://ingest.example',
      key: 'plim_x',
      console: undefined,
    });
    await expect(find()).rejects.toThrow(/No Plimsoll runs on .*npm start/);
    await expect(find({ url: 'https://ingest.example' })).rejects.toThrow(/--url needs --key/);
    await expect(find({ url: 'ingest.example', key: 'plim_x' })).rejects.toThrow(/no http/);
  });

  it('is the product of this machine, with a service and a key of its own that is remembered', async () => {
    const remove = await writeRun(data, {
      urls: { admin: 'http://localhost:7070', ingest: 'http://localhost:7071' },
      databaseUrl,
      redisUrl: 'redis://127.0.0.1:1',
    });
    try {
      const first = await find();
      expect(first).toMatchObject({ url: 'http://localhost:7071', console: 'http://localhost:7070' });
      expect(await getService(database.db, 'shop')).toMatchObject({ id: 'shop', policy: 'block', dryRun: true });
      const parts = readKeyText(first.key)!;
      expect(secretMatches(await findKeyByPrefix(database.db, parts.prefix), parts.secret)).toBe(true);
      expect((await find()).key).toBe(first.key);
      expect(statSync(join(data, 'ship', 'keys.json')).mode & 0o777).toBe(0o600);

      await revokeKey(database.db, (await listKeys(database.db, 'shop'))[0]!.id, 1);
      const second = await find();
      expect(second.key).not.toBe(first.key);
      expect((await find({ service: 'other' })).key).not.toBe(second.key);
      expect(Object.keys(JSON.parse(readFileSync(join(data, 'ship', 'keys.json'), 'utf8'))).sort()).toEqual(['other', 'shop']);
      expect(await find({ key: 'plim_named' })).toMatchObject({ key: 'plim_named', url: 'http://localhost:7071' });
    } finally {
      await remove();
    }
  });
});
