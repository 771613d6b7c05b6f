/** The one verdict function, where what it is given is out of the ordinary. */
import { expect, it } from 'vitest';
import { decision as made } from '../test/fake-plimsoll.js';
import { judge } from './verdict.js';

it('locks nobody out when a small part of a limit is over: an empty bucket is the worst that it leaves', () => {
  const decision = made({ action: 'throttle', rate: { requests: 60, windowSeconds: 60 } });
  const allotment = { type: 'whole' as const };
  const first = judge([{ decision, tat: 600_000, allotment }], 0);
  expect(first.verdict.verdict).toBe('throttle');
  const [left] = first.tats;
  expect(left?.tat).toBeLessThan(7_000);
  expect(judge([{ decision, tat: left?.tat ?? 600_000, allotment }], 1_000).verdict.verdict).toBe('allow');
});
