import { createServer } from 'node:net';
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { sql } from 'drizzle-orm';
import { describe, expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { databaseFault, migrate, openDatabase } from './database.js';
import { service } from './schema.js';

async function emptyDatabase(): Promise<string> {
  const server = openDatabase(inject('databaseUrl'), { max: 1 });
  const name = randomNamespace();
  await server.db.execute(sql.raw(`create database ${name}`));
  await server.close();
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  return url.href;
}
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => databaseFault(error),
  );

describe('migrate', () => {
  it('lets processes that start at once take turns, and leaves no lock behind', async () => {
    const url = await emptyDatabase();
    const processes = Array.from({ length: 4 }, () => openDatabase(url, { max: 3 }));
    await Promise.all(processes.map(({ db }) => migrate(db)));
    const db = processes[0]!.db;
    const locks = await db.execute(sql`select 1 from pg_locks where locktype = 'advisory' and database =
      (select oid from pg_database where datname = current_database())`);
    expect(locks.rows).toEqual([]);
    const runs = await db.execute(
      sql`select count(*)::int as n, count(distinct hash)::int as different from drizzle.__drizzle_migrations`,
    );
    expect(runs.rows[0]?.['n']).toBe(runs.rows[0]?.['different']);
    await Promise.all(processes.map(({ close }) => close()));
  });
});

describe('databaseFault', () => {
  it('knows a server that is not there, one that hangs up, and a pool that is closed', async () => {
    const mute = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    const hanging = openDatabase(`postgres://x@127.0.0.1:${port}/x`, { max: 1 });
    expect(await faultOf(hanging.db.execute(sql`select 1`))).toBe('away');
    await new Promise((resolve) => mute.close(resolve));
    expect(await faultOf(hanging.db.execute(sql`select 1`))).toBe('away');
    await hanging.close();
    expect(await faultOf(hanging.db.execute(sql`select 1`))).toBe('away');
  });

  it('knows a connection that the server ended in the middle of a transaction', async () => {
    const { db, close } = openDatabase(await freshDatabase(), { max: 2 });
    const cut = db.transaction(async (tx) => {
      const { rows } = await tx.execute(sql`select pg_backend_pid() as pid`);
      await db.execute(sql`select pg_terminate_backend(${rows[0]?.['pid']}::int)`);
      await tx.execute(sql`select 1`);
    });
    expect(await faultOf(cut)).toBe('away');
    expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
    await close();
  });

  it('tells rows in contention from statements that are wrong', async () => {
    const { db, close } = openDatabase(await freshDatabase(), { max: 2 });
    const row = { id: 'shop', settings: DEFAULT_SETTINGS, createdAt: 1 };
    await db.insert(service).values(row);
    expect(await faultOf(db.insert(service).values(row))).toBe('contended');
    expect(await faultOf(db.execute(sql`select 1 / 0`))).toBe('fault');
    expect(await faultOf(db.execute(sql`nonsense`))).toBe('fault');
    expect(databaseFault('not even an error')).toBe('fault');
    await close();
  });
});
