import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert } from '../../../test/setup/records.js';
import { resolveAlert } from './alert-triage.js';
import { type Database, openDatabase } from './database.js';
import { createDecision, type DecisionDraft, liftDecision } from './decisions.js';
import { alert, decision } from './schema.js';
import { createService, updateService } from './services.js';
import { earlier, readStanding, standing } from './standing.js';

const NOW = 1_790_000_000_000;
const ADA = { type: 'actor', id: 'ada' } as const;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await createService(db, { id: 'shop' }, NOW);
});
beforeEach(async () => {
  for (const table of [decision, alert]) await db.delete(table);
  await updateService(db, 'shop', { dryRun: false });
});
afterAll(() => database.close());

const create = (change: Partial<DecisionDraft> = {}, now = NOW - 120_000) => {
  const common = { service: 'shop', subject: ADA, endpoint: null, rate: null, reason: 'test', alertId: null };
  const origin = { type: 'policy', name: 'block' } as const;
  const draft: DecisionDraft = { ...common, action: 'block', origin, until: now + 60_000, ...change };
  return db.transaction((tx) => createDecision(tx, draft, now));
};
const before = async (dryRun = false) => {
  const on = await readStanding(db, 'shop', [ADA], NOW);
  return earlier(on, ADA, dryRun).map(({ seconds }) => seconds);
};

describe('earlier offences', () => {
  it('are what policies had decided and what has ended or was replaced, newest first', async () => {
    await create({ until: NOW - 60_000 + 1_000 }, NOW - 120_000);
    await create({ until: NOW - 50_000 + 2_000 }, NOW - 50_000);
    await create({ origin: { type: 'person', name: 'Kim' }, endpoint: 'GET /a' });
    await create({ subject: { type: 'actor', id: 'bob' } });
    expect(await before()).toEqual([2, 61]);
    const replaced = await create({ until: NOW + 300_000 }, NOW - 1_000);
    await create({ until: NOW + 900_000 }, NOW);
    expect((await before())[0]).toBe(replaced?.seconds);
  });

  it('are not what a person has undone', async () => {
    const made = await create({ until: NOW + 60_000 }, NOW - 1_000);
    await db.transaction((tx) => liftDecision(tx, made?.id ?? '', 'Kim', NOW));
    expect(await before()).toEqual([]);
  });

  it.each([
    ['true-positive', [60]],
    ['false-positive', []],
    ['expected-change', []],
  ] as const)('after the verdict %s on their alert: %j', async (verdict, seconds) => {
    const alertId = await insertAlert(db);
    await create({ alertId });
    await db.transaction((tx) => resolveAlert(tx, alertId, { by: { id: 'per_kim', name: 'Kim' }, verdict, now: NOW }));
    expect(await before()).toEqual(seconds);
  });

  it('of a dry run count in it alone, and what nobody confirmed counts nowhere', async () => {
    await create({ room: 5, weight: 9 });
    expect([await before(), await before(true)]).toEqual([[], []]);
    await updateService(db, 'shop', { dryRun: true });
    await create();
    expect([await before(), await before(true)]).toEqual([[], [60]]);
  });
});

describe('what a policy has to reckon with', () => {
  const on = async (dryRun: boolean) => standing(await readStanding(db, 'shop', [ADA], NOW), ADA, 'GET /a', dryRun)?.action;

  it('is the hardest of its own, a pending one too', async () => {
    await create({ action: 'throttle', rate: { requests: 1, windowSeconds: 1 }, until: NOW + 60_000 });
    expect(await on(false)).toBe('throttle');
    await create({ room: 5, weight: 9, until: NOW + 60_000 });
    expect(await on(false)).toBe('block');
    expect(await on(true)).toBeUndefined();
  });
});
