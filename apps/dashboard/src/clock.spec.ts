import { afterEach, expect, it } from 'vitest';
import { observeServerDate, serverNow } from './clock.js';

const now = Date.parse('2026-11-23T12:00:00Z');
afterEach(() => observeServerDate(new Date(now).toUTCString(), now));

it.each([
  ['the same', 0, 0],
  ['within what whole seconds hide', 1_000, 0],
  ['five minutes ahead', 300_000, 300_500],
  ['five minutes behind', -300_000, -299_500],
])('server clock %s', (_, difference, skew) => {
  observeServerDate(new Date(now + difference).toUTCString(), now);
  expect(serverNow(now) - now).toBe(skew);
});

it('ignores what is no date', () => {
  observeServerDate(new Date(now + 300_000).toUTCString(), now);
  observeServerDate('yesterday', now);
  observeServerDate(null, now);
  expect(serverNow(now) - now).toBe(300_500);
});
