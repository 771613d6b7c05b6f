import { expect, it } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, testHistory } from '../../../../test/setup/history.js';
import { histogram } from './histogram.js';
import { insertLines } from './inserts.js';
import { keepFor } from './retention.js';
import { toLine } from './rows.js';
import { searchLogs } from './search.js';

const DAY_MS = 86_400_000;

it(
  'throws away what was received too long ago, also where that is changed later',
  async () => {
    const { history } = await testHistory();
    const ts = Date.now() - 60_000;
    const put = (id: string, days: number) => {
      const received = new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
      return insertLines(history, id, [toLine('shop', 'GET /a', makeLog({ id, ts }), received)]);
    };
    await put('old', 10);
    await put('new', 1);
    expect(await keepFor(history, 30)).toBe(0);
    expect(await keepFor(history, 5)).toBe(3);
    expect(await keepFor(history, 5)).toBe(0);
    const filter = { service: 'shop', from: ts - DAY_MS, to: ts + DAY_MS };
    const found = async () => (await searchLogs(history, { filter, limit: 5 }))?.items.map(({ log }) => log.id);
    await expect.poll(found, { timeout: 20_000 }).toEqual(['new']);
    await expect.poll(async () => (await histogram(history, filter, 3_600_000)).requests, { timeout: 20_000 }).toBe(1);
    await expect(keepFor(history, 0.5)).rejects.toThrow(RangeError);
  },
  ENGINE_WITHIN_MS,
);
