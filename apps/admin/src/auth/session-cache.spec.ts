import { createPerson, type Database, openDatabase, openSession, revokeSession } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../test/setup/database.js';
import type { Context } from '../context.js';
import { SessionCache } from './session-cache.js';

const NOW = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
});
afterAll(() => database.close());

const signIn = () =>
  db.transaction(async (tx) => {
    const { id } = await createPerson(tx, { name: 'Ada', role: 'owner' }, NOW);
    return (await openSession(tx, { personId: id, userAgent: '', jkt: 'j', amr: 'link' }, NOW)).session.id;
  });
const revoke = (id: string) => db.transaction((tx) => revokeSession(tx, id, 'sign-out', NOW));

/** The same queries, whose answers arrive only after `gate`. */
function held<T extends object>(queries: T, gate: Promise<unknown>): T {
  return new Proxy(queries, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...parts: unknown[]) => {
        if (name !== 'then') return held(Reflect.apply(member, target, parts), gate);
        return Promise.resolve(target)
          .then((answer) => gate.then(() => answer))
          .then(...(parts as [() => unknown]));
      };
    },
  });
}

describe('sessions in memory', () => {
  it('are read once in five seconds, and at once when one was forgotten', async () => {
    const id = await signIn();
    let now = NOW;
    const cache = new SessionCache({ db, now: () => now } as Context);
    expect(await cache.alive(id)).toMatchObject({ id });
    await revoke(id);
    expect(await cache.alive(id)).toMatchObject({ id });
    now += 5_000;
    expect(await cache.alive(id)).toBeUndefined();
  });

  it('do not outlive a revocation that was heard of while they were read', async () => {
    const id = await signIn();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const context = { db: held(db, gate), now: () => NOW } as Context;
    const cache = new SessionCache(context);
    const asked = cache.alive(id);
    await db.execute('select pg_sleep(0.05)'); // The read has its answer by then; it is on its way.
    await revoke(id);
    cache.forget(id);
    open();
    expect(await asked).toBeUndefined();
    expect(await cache.alive(id)).toBeUndefined();
  });
});
