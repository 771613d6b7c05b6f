import { randomUUID } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { type Database, openDatabase } from './database.js';
import { listNotices } from './notices.js';
import { createPerson } from './people.js';
import { RETRY_MS, type Refresh, type Rotation, rotateSession } from './refresh.js';
import * as schema from './schema.js';
import { type OpenSession, openSession, readSessions, revokeSession, SESSION_END_MS, SESSION_IDLE_MS } from './sessions.js';

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
  db.transaction((tx) => openSession(tx, { personId, userAgent: randomUUID(), jkt: 'key', amr: 'link' }, now));
const rotate = (token: string, now: number, change: Partial<Refresh> = {}): Promise<Rotation> =>
  rotateSession(db, { token, jkt: 'key', address: '192.0.2.1', ...change }, now);
const tokenOf = (rotation: Rotation): string => {
  if (rotation.type !== 'rotated') throw new Error(`not rotated: ${JSON.stringify(rotation)}`);
  return rotation.refreshToken;
};
const isRevoked = async (id: string) => (await readSessions(db, [id])).get(id)?.revoked;
/** What the audit and the person were told of a session. */
const trace = async (id: string) => {
  const audited = await db.select().from(schema.audit).where(eq(schema.audit.object, id)).orderBy(asc(schema.audit.id));
  const row = await db.query.session.findFirst({ where: eq(schema.session.id, id) });
  const told = (await listNotices(db, personId)).filter(({ what }) => what === row?.userAgent);
  return [...audited, ...told].map((one) => ('action' in one ? one.action : one.kind));
};

describe('rotation', () => {
  it('gives a new token each time and keeps the absolute end', async () => {
    const { session, refreshToken } = await open();
    const second = await rotate(refreshToken, T0 + 60_000);
    const third = await rotate(tokenOf(second), T0 + 120_000);
    expect(new Set([refreshToken, tokenOf(second), tokenOf(third)]).size).toBe(3);
    const row = await db.query.session.findFirst({ where: eq(schema.session.id, session.id) });
    expect(row).toMatchObject({ expiresAt: T0 + SESSION_END_MS, lastUsedAt: T0 + 120_000 });
  });

  it('stores no token in clear', async () => {
    const { refreshToken } = await open();
    const next = tokenOf(await rotate(refreshToken, T0 + 1));
    const everything = JSON.stringify(await db.select().from(schema.refreshToken));
    expect(everything).not.toContain(refreshToken);
    expect(everything).not.toContain(next);
  });

  it('answers a retry within ten seconds with the same successor, and mints nothing', async () => {
    const { session, refreshToken } = await open();
    const first = tokenOf(await rotate(refreshToken, T0));
    expect(tokenOf(await rotate(refreshToken, T0 + RETRY_MS - 1))).toBe(first);
    const rows = await db.select().from(schema.refreshToken).where(eq(schema.refreshToken.sessionId, session.id));
    expect(rows).toHaveLength(2);
  });

  it.each([
    ['a retry after ten seconds', RETRY_MS],
    ['much later', 600_000],
  ])('ends the family on %s', async (_, later) => {
    const { session, refreshToken } = await open();
    const next = tokenOf(await rotate(refreshToken, T0));
    expect(await rotate(refreshToken, T0 + later)).toEqual({ type: 'ended', sign: 'reuse', sessionId: session.id, personId });
    expect(await rotate(next, T0 + later)).toEqual({ type: 'refused', reason: 'revoked', ended: 'reuse' });
    expect(await trace(session.id)).toEqual(['session.reuse', 'session-reused']);
  });

  it('ends the family when a grandparent comes back, even within ten seconds', async () => {
    const { session, refreshToken } = await open();
    const parent = tokenOf(await rotate(refreshToken, T0));
    const child = tokenOf(await rotate(parent, T0 + 1));
    expect((await rotate(refreshToken, T0 + 2)).type).toBe('ended');
    expect(await isRevoked(session.id)).toBe(true);
    expect((await rotate(child, T0 + 3)).type).toBe('refused');
  });

  it('refuses what it never gave out, and ends nothing because of it', async () => {
    const { session } = await open();
    expect(await rotate('x'.repeat(43), T0)).toEqual({ type: 'refused', reason: 'unknown' });
    expect(await isRevoked(session.id)).toBe(false);
  });

  it('ends by idleness, and by age however busy it is', async () => {
    const idle = await open();
    expect((await rotate(idle.refreshToken, T0 + SESSION_IDLE_MS)).type).toBe('refused');
    const busy = await open();
    let token = busy.refreshToken;
    for (let now = T0; now < T0 + SESSION_END_MS; now += SESSION_IDLE_MS - 1) token = tokenOf(await rotate(token, now));
    expect(await rotate(token, T0 + SESSION_END_MS)).toEqual({ type: 'refused', reason: 'expired' });
  });
});

describe('a key', () => {
  it('that is not the session’s ends it at once, also in the seconds in which a retry is answered', async () => {
    const { session, refreshToken } = await open();
    const next = tokenOf(await rotate(refreshToken, T0));
    expect(await rotate(refreshToken, T0 + 1, { jkt: 'thief' })).toMatchObject({ type: 'ended', sign: 'theft' });
    expect((await rotate(next, T0 + 2)).type).toBe('refused');
    expect(await trace(session.id)).toEqual(['session.theft', 'session-reused']);
  });
});

describe('the count of a browser', () => {
  it('lets an answer that was lost be asked for again, however late: the machine may have slept', async () => {
    const { refreshToken } = await open();
    const next = tokenOf(await rotate(refreshToken, T0, { count: 1 }));
    expect(tokenOf(await rotate(refreshToken, T0 + 30 * 60_000, { count: 2 }))).toBe(next);
    expect((await rotate(next, T0 + 31 * 60_000, { count: 3 })).type).toBe('rotated');
  });

  it('tells a copy of the browser, whichever of the two comes first and whether or not the token is new', async () => {
    const { session, refreshToken } = await open();
    const shared = tokenOf(await rotate(refreshToken, T0, { count: 7 }));
    // Both copies have counted to 7 and hold the same token.
    const byOne = tokenOf(await rotate(shared, T0 + 1_000, { count: 8 }));
    expect(await rotate(shared, T0 + 2_000, { count: 8 })).toMatchObject({ type: 'ended', sign: 'copy' });
    expect((await rotate(byOne, T0 + 3_000, { count: 9 })).type).toBe('refused');
    expect(await trace(session.id)).toEqual(['session.copy', 'session-reused']);
  });

  it.each([
    ['the same number', 8],
    ['a lower one', 2],
    ['none any more', undefined],
  ])('once begun takes no unused token with %s', async (_, count) => {
    const { refreshToken } = await open();
    const next = tokenOf(await rotate(refreshToken, T0, { count: 8 }));
    expect(await rotate(next, T0 + 1, { count })).toMatchObject({ type: 'ended', sign: 'copy' });
  });

  it('may come out of order where tabs race', async () => {
    const { refreshToken } = await open();
    const next = tokenOf(await rotate(refreshToken, T0, { count: 3 }));
    for (const count of [1, 4, 2]) expect(tokenOf(await rotate(refreshToken, T0 + 10, { count }))).toBe(next);
  });
});

describe('races', () => {
  it('50 bursts of 8 parallel refreshes each leave one live successor and a living family', async () => {
    for (let burst = 0; burst < 50; burst += 1) {
      const { session, refreshToken } = await open();
      const answers = await Promise.all(Array.from({ length: 8 }, () => rotate(refreshToken, T0 + burst)));
      expect(new Set(answers.map(tokenOf)).size).toBe(1);
      const rows = await db.select().from(schema.refreshToken).where(eq(schema.refreshToken.sessionId, session.id));
      expect(rows.filter((row) => row.rotatedAt === null)).toHaveLength(1);
      expect(await isRevoked(session.id)).toBe(false);
    }
  });

  it('no refresh survives a revocation that it races with', async () => {
    for (let round = 0; round < 30; round += 1) {
      const { session, refreshToken } = await open();
      const [answer] = await Promise.all([
        rotate(refreshToken, T0 + round),
        db.transaction((tx) => revokeSession(tx, session.id, 'test', T0 + round)),
      ]);
      expect(await isRevoked(session.id)).toBe(true);
      if (answer.type === 'rotated') expect((await rotate(answer.refreshToken, T0 + round)).type).toBe('refused');
    }
  });
});
