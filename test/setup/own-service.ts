/** A database for a file of tests, and in it a service for each of them. */
import { createService, type Database, openDatabase } from '@plimsoll/storage';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { freshDatabase } from './database.js';

/** Registers the hooks; `begin` is told, before each test, where it is to work. */
export function onItsOwnService(now: number, begin: (own: { db: Database; service: string }) => void): void {
  let database: ReturnType<typeof openDatabase>;
  let count = 0;
  beforeAll(async () => {
    database = openDatabase(await freshDatabase(), { max: 8 });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    count += 1;
    const service = `shop-${count}`;
    await createService(database.db, { id: service }, now);
    begin({ db: database.db, service });
  });
}
