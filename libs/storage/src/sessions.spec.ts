import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { type Database, openDatabase } from './database.js';
import { createPerson } from './people.js';
import { rotateSession } from './refresh.js';
import { noteAuthentication, type OpenSession, openSession, readSessions, revokePersonSessions } from './sessions.js';

const T0 = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
let personId: string;

beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 10 });
  db = database.db;
  personId = (await createPerson(db, { name: 'Ada', role: 'owner' }, T0)).id;
});
afterAll(() => database.close());

const open = (now = T0): Promise<OpenSession> =>
  db.transaction((tx) => openSession(tx, { personId, userAgent: 'test', jkt: 'key', amr: 'link' }, now));

describe('how somebody signed in', () => {
  it('stays with the session, and moves when presence is proven again', async () => {
    const { session } = await open();
    expect(session).toMatchObject({ jkt: 'key', amr: 'link', acr: 'aal1', authAt: T0 });
    await db.transaction((tx) => noteAuthentication(tx, session.id, 'passkey', T0 + 60_000));
    const state = (await readSessions(db, [session.id])).get(session.id);
    expect(state).toMatchObject({ jkt: 'key', amr: 'passkey', acr: 'aal2', authAt: T0 + 60_000 });
  });
});

describe('the end of all sessions of a person', () => {
  it('voids refresh tokens and raises the token version', async () => {
    const [one, two] = [await open(), await open()];
    const ended = await db.transaction((tx) => revokePersonSessions(tx, personId, 'test', T0 + 5));
    expect(ended).toEqual(expect.arrayContaining([one.session.id, two.session.id]));
    expect((await rotateSession(db, { token: one.refreshToken, jkt: 'key', address: '' }, T0 + 6)).type).toBe('refused');
    const after = await open();
    expect(after.session.tokenVersion).toBe(one.session.tokenVersion + 1);
  });
});
