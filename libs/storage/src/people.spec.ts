import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { type Database, openDatabase } from './database.js';
import { createSignInLink, ensureFirstPerson, redeemSignInLink, SIGN_IN_LINK_MS } from './people.js';
import * as schema from './schema.js';

const T0 = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 8 });
  db = database.db;
});
afterAll(() => database.close());

const redeem = (token: string, now: number) => db.transaction((tx) => redeemSignInLink(tx, token, now));

describe('the first person', () => {
  it('is created once, also by several processes at once, and kept', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, (_, i) => ensureFirstPerson(db, `name-${i}`, T0)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(made[0]).toMatchObject({ role: 'owner' });
    expect(await db.select().from(schema.person)).toHaveLength(1);
  });
});

describe('one-time links', () => {
  it('let in one of many who present them at once', async () => {
    const { id } = await ensureFirstPerson(db, 'Ada', T0);
    const token = await createSignInLink(db, id, T0);
    const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(token, T0 + 1)));
    expect(answers.filter(Boolean)).toEqual([{ person: expect.objectContaining({ id }), purpose: 'sign-in' }]);
  });

  it('end after 15 minutes, and only a hash of them is stored', async () => {
    const { id } = await ensureFirstPerson(db, 'Ada', T0);
    const late = await createSignInLink(db, id, T0);
    expect(JSON.stringify(await db.select().from(schema.signInLink))).not.toContain(late);
    expect(await redeem(late, T0 + SIGN_IN_LINK_MS)).toBeUndefined();
    expect(await redeem(late, T0 + SIGN_IN_LINK_MS - 1)).toMatchObject({ person: { id } });
    expect(await redeem('never-was-a-token', T0)).toBeUndefined();
  });

  it('are swept away a day after they ended', async () => {
    const { id } = await ensureFirstPerson(db, 'Ada', T0);
    await createSignInLink(db, id, T0 + 48 * 3_600_000);
    expect(await db.select().from(schema.signInLink)).toHaveLength(1);
  });
});
