import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert, insertService, T0 } from '../../../test/setup/records.js';
import { type Database, openDatabase } from './database.js';
import { createPerson } from './people.js';
import { listViews, MAX_SEEN, MAX_VIEWS, markSeenAlerts, readSeen, removeView, saveView } from './saved-views.js';
import * as schema from './schema.js';
import { alertSeen } from './schema-triage.js';

let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await insertService(db);
});
afterAll(() => database.close());
const somebody = (name: string) => createPerson(db, { name, role: 'analyst' }, T0);

describe('saved views', () => {
  it('are their owner’s, and everybody’s where they are shared; one of the same name takes the place', async () => {
    const [ada, bob] = [await somebody('Ada'), await somebody('Bob')];
    const save = (name: string, shared: boolean, search = '?kind=rate') =>
      db.transaction((tx) => saveView(tx, ada, { name, shared, search }, T0));
    const own = await save('Night', false);
    const shared = await save('Logins', true);
    expect((await listViews(db, ada.id)).map(({ name }) => name)).toEqual(['Logins', 'Night']);
    expect(await listViews(db, bob.id)).toEqual([{ ...shared, owner: { id: ada.id, name: 'Ada' } }]);
    const again = await save('Night', true, '?state=all');
    expect(again).toMatchObject({ id: own?.id, search: '?state=all' });
    expect(await listViews(db, bob.id)).toHaveLength(2);
    expect(await db.transaction((tx) => removeView(tx, bob, own!.id))).toBeUndefined();
    expect(await db.transaction((tx) => removeView(tx, ada, own!.id))).toEqual(again);
    expect(await db.transaction((tx) => removeView(tx, ada, own!.id))).toBeUndefined();
  });

  it('are at most fifty of a person, also when many are saved at once', async () => {
    const eve = await somebody('Eve');
    const save = (name: string) => db.transaction((tx) => saveView(tx, eve, { name, shared: false, search: '?' }, T0));
    const made = await Promise.all(Array.from({ length: MAX_VIEWS + 3 }, (_, i) => save(`v${i}`)));
    expect(made.filter(Boolean)).toHaveLength(MAX_VIEWS);
    expect(await save('v1')).toBeDefined();
  });
});

describe('what was seen', () => {
  it('is each person’s own; a mark covers all that opened before it', async () => {
    const [ada, bob] = [await somebody('Ada'), await somebody('Bob')];
    const [old, young] = [await insertAlert(db, { firstAt: T0 }), await insertAlert(db, { firstAt: T0 + 10 })];
    const mark = (alerts: string[], upTo?: number) => db.transaction((tx) => markSeenAlerts(tx, ada.id, { alerts, upTo }, T0));
    expect(await readSeen(db, ada.id)).toEqual({ upTo: 0, ids: [] });
    expect((await mark([old, young, 'alt_none'])).ids.sort()).toEqual([old, young].sort());
    expect(await mark([], T0 + 5)).toEqual({ upTo: T0 + 5, ids: [young] });
    expect(await mark([], T0 + 1)).toEqual({ upTo: T0 + 5, ids: [young] });
    expect(await readSeen(db, bob.id)).toEqual({ upTo: 0, ids: [] });
  });

  it('stays bounded: the mark moves up to what no longer has a place', async () => {
    const kim = await somebody('Kim');
    const ids = await Promise.all(Array.from({ length: 3 }, (_, i) => insertAlert(db, { firstAt: T0 + 100 + i })));
    const rows = await db.select({ id: schema.alert.id }).from(schema.alert);
    const many = Array.from({ length: MAX_SEEN }, (_, i) => `bulk-${i}`);
    for (let i = 0; i < MAX_SEEN; i += 500) {
      await Promise.all(many.slice(i, i + 500).map((id) => insertAlert(db, { id, firstAt: T0 + 1_000 + i })));
    }
    await db.insert(alertSeen).values([...ids, ...many].map((alertId) => ({ personId: kim.id, alertId, at: T0 })));
    expect(rows.length).toBeGreaterThan(2);
    const seen = await db.transaction((tx) => markSeenAlerts(tx, kim.id, { alerts: [] }, T0));
    expect(seen.upTo).toBe(T0 + 102);
    expect(seen.ids).toHaveLength(MAX_SEEN);
  });
});
