/** What stood before the ladder stands after it: services go on enforcing, decisions in force stay so and have a step. */
import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { openDatabase } from './database.js';
import { feedSince } from './feed.js';
import { getService } from './services.js';

const folder = new URL('../migrations/', import.meta.url);
const { entries } = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as { entries: { tag: string }[] };
const BEFORE = entries.findIndex(({ tag }) => tag.endsWith('_ladder'));
const statements = (from: number, to: number) =>
  entries
    .slice(from, to)
    .flatMap(({ tag }) => readFileSync(new URL(`${tag}.sql`, folder), 'utf8').split('--> statement-breakpoint'));

it('keeps services enforcing, gives decisions their step, and bouncers the allow-list that was there', async () => {
  const name = randomNamespace();
  const server = openDatabase(inject('databaseUrl'), { max: 1 });
  await server.db.execute(sql.raw(`create database ${name}`));
  await server.close();
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  const { db, close } = openDatabase(url.href, { max: 1 });
  const run = async (from: number, to: number) => {
    for (const statement of statements(from, to)) await db.execute(sql.raw(statement));
  };
  try {
    await run(0, BEFORE);
    const allow = { actors: ['ops'], addresses: [], credentials: [] };
    await db.execute(sql`insert into service (id, policy, settings, feed_version, created_at)
      values ('old', 'block', ${JSON.stringify({ allow })}, 7, 1), ('odd', 'throttle', '"odd"', 3, 1)`);
    await db.execute(sql`insert into decision
      (id, service, version, action, subject_type, subject_id, reason, origin, created_at, until, changed_at)
      values ('dec_1', 'old', 7, 'block', 'actor', 'eve', 'x', '{"type":"policy","name":"block"}', 1000, 9000000, 301000)`);
    await run(BEFORE, entries.length);
    expect(await getService(db, 'old')).toMatchObject({ policy: 'block', dryRun: false, settings: { allow, maxShare: 0.05 } });
    expect(await getService(db, 'odd')).toMatchObject({ policy: 'throttle', dryRun: false });
    const rows = await db.execute(sql`select mode, seconds, weight from decision`);
    expect(rows.rows).toEqual([{ mode: 'enforced', seconds: 8_699, weight: 1 }]);
    expect(await feedSince(db, 'old', 7, 2_000)).toMatchObject({ version: 8, allow });
    expect(await feedSince(db, 'odd', 3, 2_000)).not.toHaveProperty('allow');
  } finally {
    await close();
  }
});
