/** Where a backtest takes what a batch leaves; whole backtests are run in apps/worker. */
import type { Contribution } from '@plimsoll/detection';
import { expect, it } from 'vitest';
import { shardsOf } from './run-backtest.js';
import { shardOfContribution } from './shards.js';

it('takes each service to its own shards, also where their endpoints have the same names', () => {
  const shards = shardsOf(64, 'shop');
  const about = (service: string): Contribution => ({ entity: 'endpoint', service, id: 'GET /orders', second: 1, sums: [] });
  const all = ['shop', 'bank', 'mail', 'shop', 'bank'].map(about);
  expect(all.map((one) => shards.ofContribution(one))).toEqual(all.map((one) => shardOfContribution(one, 64)));
  expect(new Set(all.map((one) => shards.ofContribution(one))).size).toBe(3);
});
