import { expect, it } from 'vitest';
import { makeLog, NOW } from '../../../test/setup/findings.js';
import { newestOf } from './jobs.js';

it('tells of live traffic alone, and nothing of an import', () => {
  const requests = (...logs: Parameters<typeof makeLog>[0][]) =>
    newestOf({ id: 'a', name: 'requests', data: { service: 'shop', requests: logs.map(makeLog) } } as never);
  expect(requests({ ts: NOW - 2 }, { ts: NOW - 5 }, { ts: NOW, timing: 'historical' })).toBe(NOW - 2);
  expect(requests({ ts: NOW, timing: 'historical' }, { ts: NOW, timing: 'late' })).toBe(0);
  const left = (...contributions: object[]) => newestOf({ id: 'b', name: 'contributions', data: { contributions } } as never);
  const live = { entity: 'address', second: 1_000, historical: false };
  const [imported, block] = [
    { entity: 'actor', second: 2_000, historical: true },
    { entity: 'endpoint', second: 3_000 },
  ];
  expect([left(imported, live, block), left(imported, block)]).toEqual([1_000_000, 0]);
  expect(newestOf({ id: 'c', name: 'verdicts', data: { receivedAt: NOW } } as never)).toBe(0);
});
