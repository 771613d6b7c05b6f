import type { HistoryFilter } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { histogram } from './histogram.js';
import { searchLogs } from './search.js';

let own: OwnHistory;
const MINUTE = 60_000;
const T = Math.floor(Date.now() / 3_600_000 - 24) * 3_600_000;
const logs = Array.from({ length: 240 }, (_, n) =>
  makeLog({ id: `h-${n}`, ts: T + n * 15_000, method: ['GET', 'BREW', 'WHEN'][n % 3] ?? 'GET', actor: 'ada' }),
);
beforeAll(async () => {
  own = await ownHistory();
  const endpointOf = ({ method, path }: (typeof logs)[number]) => `${method === 'GET' ? method : 'OTHER'} ${path}`;
  await keepLogs(own.history, 'shop', logs, endpointOf);
}, ENGINE_WITHIN_MS);
afterAll(() => own.drop());

const odd = { from: T + 7 * MINUTE + 20_000, to: T + 42 * MINUTE + 40_000 };
const both = async (fields: Partial<HistoryFilter>) => {
  const filter = { service: 'shop', ...odd, ...fields };
  const found = await searchLogs(own.history, { filter, limit: 1_000 });
  return { ...(await histogram(own.history, filter, 5 * MINUTE)), listed: found?.items.length };
};

describe('a histogram', () => {
  it.each<[string, Partial<HistoryFilter>]>([
    ['an actor', { actor: 'ada' }],
    ['a method that no endpoint is named by', { method: 'BREW' }],
  ])('of %s counts what the list has, from end to end', async (_, fields) => {
    const { from, to, requests, buckets, listed } = await both(fields);
    expect(listed).toBeGreaterThan(40);
    expect([requests, { from, to }]).toEqual([listed, odd]);
    expect(buckets.map(({ ts }) => ts)).toEqual(Array.from({ length: 8 }, (_, n) => T + (n + 1) * 5 * MINUTE));
  });

  it.each<[string, Partial<HistoryFilter>, number]>([
    ['all', {}, 1],
    ['a method', { method: 'GET' }, 3],
  ])('of %s is one of whole buckets, and says so', async (_, fields, every) => {
    const { from, to, requests, listed = 0 } = await both(fields);
    expect({ from, to }).toEqual({ from: T + 5 * MINUTE, to: T + 45 * MINUTE });
    expect(requests).toBe(logs.filter(({ ts }, n) => ts >= from && ts < to && n % every === 0).length);
    expect(requests).toBeGreaterThan(listed);
  });
});
