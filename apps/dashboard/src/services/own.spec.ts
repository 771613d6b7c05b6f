import { DEMO_SERVICE, SELF_SERVICE } from '@plimsoll/contracts';
import { expect, it } from 'vitest';
import { busiest, isOwn, isProtected } from './own.js';

const all = [
  { id: SELF_SERVICE, requestsLastMinute: 900 },
  { id: DEMO_SERVICE, requestsLastMinute: 90 },
  { id: 'bank', requestsLastMinute: 1 },
  { id: 'shop', requestsLastMinute: 9 },
];

it('tells the own services from the demo and the console', () => {
  expect(all.filter(isProtected).map(({ id }) => id)).toEqual(['demo', 'bank', 'shop']);
  expect(all.filter(isOwn).map(({ id }) => id)).toEqual(['bank', 'shop']);
});

it('has the busiest of the own ones, of the demo where there are none, and never the console', () => {
  expect(busiest(all)?.id).toBe('shop');
  expect(busiest(all.slice(0, 2))?.id).toBe('demo');
  expect(busiest(all.slice(0, 1))).toBeUndefined();
});
