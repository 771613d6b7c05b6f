import { describe, expect, it } from 'vitest';
import { PublishedLimiter } from './published-limiter.js';

describe('the published limiter', () => {
  it('never denies a burst: 0 of 5,000 requests of a 500-fold one', () => {
    const limiter = new PublishedLimiter();
    for (let hour = 0; hour < 24; hour += 1)
      for (let call = 0; call < 10; call += 1) limiter.allow('ann', 'GET /a', hour * 3_600_000 + call * 60_000);
    let denied = 0;
    for (let call = 0; call < 5_000; call += 1) denied += limiter.allow('ann', 'GET /a', 24 * 3_600_000 + call) ? 0 : 1;
    expect(denied).toBe(0);
  });
  it('denies only before it learns: a base limit below ten', () => {
    const limiter = new PublishedLimiter({ baseLimit: 5 });
    const answers = Array.from({ length: 12 }, (_, call) => limiter.allow('ann', 'GET /a', call));
    expect(answers).toEqual([...Array(5).fill(true), ...Array(5).fill(false), true, true]);
  });
  it('forgets after an hour, and keeps users and endpoints apart', () => {
    const limiter = new PublishedLimiter({ baseLimit: 1, sensitivity: 0.1 });
    expect(limiter.allow('ann', 'GET /a', 0)).toBe(true);
    expect(limiter.allow('ann', 'GET /a', 1)).toBe(false);
    expect(limiter.allow('bob', 'GET /a', 1)).toBe(true);
    expect(limiter.allow('ann', 'GET /b', 1)).toBe(true);
    expect(limiter.allow('ann', 'GET /a', 3_600_001)).toBe(true);
  });
  it('remembers a bounded number of pairs', () => {
    const limiter = new PublishedLimiter({ baseLimit: 1, maxPairs: 10 });
    for (let user = 0; user < 100; user += 1) limiter.allow(`u${user}`, 'GET /a', user);
    expect(limiter.dropped).toBe(90);
    expect(limiter.allow('u99', 'GET /a', 100)).toBe(false);
    expect(limiter.allow('u0', 'GET /a', 100)).toBe(true);
  });
});
