import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../test/setup/database.js';
import { type Database, openDatabase } from '../database.js';
import { historyGap } from '../schema-history.js';
import { createService, updateService } from '../services.js';
import { discardGaps, missingIn, readGaps } from './gaps.js';

const DAY = 86_400_000;
const T = 1_750_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
/** One a day, the first on day 0, each of a minute. */
const gap = (service: string, day: number, requests: number) => {
  const fromTs = T + day * DAY;
  return { service, shard: 0, seq: day, fromTs, toTs: fromTs + 60_000, requests, reason: 'full', notedAt: fromTs + 60_000 };
};
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 2 });
  db = database.db;
  await db
    .insert(historyGap)
    .values([...Array.from({ length: 150 }, (_, day) => gap('shop', day, 1_000 + day)), gap('bank', 3, 7)]);
});
afterAll(() => database.close());
const sumOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => 1_000 + from + n).reduce((a, b) => a + b, 0);

describe('what is missing in the history', () => {
  it('is listed from the newest on, and summed over all', async () => {
    const { gaps, missing } = await readGaps(db, 'shop');
    expect(gaps).toHaveLength(100);
    expect([gaps[0]?.requests, gaps.at(-1)?.requests]).toEqual([1_050, 1_149]);
    expect(missing).toEqual({ requests: sumOf(0, 150), gaps: 150 });
    expect((await readGaps(db, undefined)).missing).toEqual({ requests: sumOf(0, 150) + 7, gaps: 151 });
    expect(await readGaps(db, 'nobody')).toEqual({ gaps: [], missing: { requests: 0, gaps: 0 } });
  });

  it('is summed of a time, however long ago, its end excluded', async () => {
    const from = T + 10 * DAY;
    const missing = (after: number, before: number) => missingIn(db, { service: 'shop', from: from + after, to: from + before });
    expect([await missing(0, 2 * DAY), await missing(60_000, DAY), await missing(60_001, DAY)]).toEqual([2_021, 1_010, 0]);
    expect(await missingIn(db, { service: 'shop', from: T, to: T + 150 * DAY })).toBe(sumOf(0, 150));
  });

  it('goes with the requests that were received beside it', async () => {
    const now = T + 150 * DAY;
    expect(await discardGaps(db, now, 30)).toBe(119 + 1);
    expect((await readGaps(db, 'shop')).missing).toEqual({ requests: sumOf(119, 150), gaps: 31 });
    expect(await discardGaps(db, now, 30)).toBe(0);
  });

  it('goes after the own days of its service, be they fewer or more', async () => {
    await createService(db, { id: 'brief' }, T);
    await createService(db, { id: 'long' }, T);
    await db.transaction((tx) => updateService(tx, 'brief', { historyDays: 5 }));
    await db.transaction((tx) => updateService(tx, 'long', { historyDays: 60 }));
    const days = Array.from({ length: 150 }, (_, day) => day);
    await db.insert(historyGap).values(days.flatMap((day) => [gap('brief', day, 1), gap('long', day, 1)]));
    expect(await discardGaps(db, T + 150 * DAY, 30)).toBe(144 + 89);
    expect((await readGaps(db, 'brief')).missing.gaps).toBe(6);
    expect((await readGaps(db, 'long')).missing.gaps).toBe(61);
  });
});
