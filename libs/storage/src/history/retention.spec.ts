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
    const keep = (days: number) => keepFor(history, { days, ofServices: new Map() });
    expect(await keep(5)).toEqual({ tables: 3, rows: 0 });
    expect(await keep(5)).toEqual({ tables: 0, rows: 0 });
    const filter = { service: 'shop', from: ts - DAY_MS, to: ts + DAY_MS };
    const found = async () => (await searchLogs(history, { filter, limit: 5 }))?.items.map(({ log }) => log.id);
    await expect.poll(found, { timeout: 20_000 }).toEqual(['new']);
    await expect.poll(async () => (await histogram(history, filter, 3_600_000)).requests, { timeout: 20_000 }).toBe(1);
    await expect(keep(0.5)).rejects.toThrow(RangeError);
  },
  ENGINE_WITHIN_MS,
);

it(
  'keeps of each service what the service says, and of the others what the installation says',
  async () => {
    const { history } = await testHistory();
    const ts = Date.now() - 60_000;
    const left = async (service: string) => {
      const filter = { service, from: ts - DAY_MS, to: ts + DAY_MS };
      const page = await searchLogs(history, { filter, limit: 10 });
      const { requests } = await histogram(history, filter, 3_600_000);
      return { ids: page?.items.map(({ log }) => log.id).sort(), requests };
    };
    // What is inserted after its end is not even written.
    await keepFor(history, { days: 60, ofServices: new Map() });
    for (const service of ['short', 'usual', 'long']) {
      for (const days of [2, 9, 40]) {
        const received = new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
        const id = String(days);
        await insertLines(history, `${service} ${id}`, [toLine(service, 'GET /a', makeLog({ id, ts }), received)]);
      }
    }
    const keep = (short: number) =>
      keepFor(history, {
        days: 30,
        ofServices: new Map([
          ['short', short],
          ['long', 60],
        ]),
      });
    // Two logs of `short` and one of `usual`, each in the log and in both roll-ups.
    expect(await keep(5)).toEqual({ tables: 0, rows: 9 });
    const eventually = { timeout: 20_000 };
    await expect.poll(() => left('short'), eventually).toEqual({ ids: ['2'], requests: 1 });
    await expect.poll(() => left('usual'), eventually).toEqual({ ids: ['2', '9'], requests: 2 });
    expect(await left('long')).toEqual({ ids: ['2', '40', '9'], requests: 3 });
    expect(await keep(5)).toEqual({ tables: 0, rows: 0 });
    // Whatever the hour at which it came two days ago, two whole days after that one are not over.
    expect(await keep(2)).toEqual({ tables: 0, rows: 0 });
    // A table that is still being rewritten waits for the next look.
    let gone = 0;
    const more = async () => {
      gone += (await keep(1)).rows;
      return gone;
    };
    await expect.poll(more, eventually).toBe(3);
    await expect.poll(() => left('short'), eventually).toEqual({ ids: [], requests: 0 });
  },
  ENGINE_WITHIN_MS,
);
