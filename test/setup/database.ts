/** A migrated database of a test's own on the tests' PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { migrate, openDatabase } from '@plimsoll/storage';
import { sql } from 'drizzle-orm';
import { inject } from 'vitest';

export const randomNamespace = (): string => `t${randomBytes(6).toString('hex')}`;

/** URL of a new, migrated database; it goes with the server at the end of the run. */
export async function freshDatabase(): Promise<string> {
  const name = randomNamespace();
  const server = openDatabase(inject('databaseUrl'), { max: 1 });
  try {
    await server.db.execute(sql.raw(`create database ${name}`));
  } finally {
    await server.close();
  }
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  const database = openDatabase(url.href, { max: 1 });
  try {
    await migrate(database.db);
  } finally {
    await database.close();
  }
  return url.href;
}
