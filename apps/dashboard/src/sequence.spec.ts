import { describe, expect, it } from 'vitest';
import { follow, greet } from './sequence.js';

describe('sequence of live events', () => {
  it('is stale at the first hello: what happened between the first answers and now is unknown', () => {
    expect(greet(undefined, { epoch: 'a', seq: 0 })).toEqual({ next: { epoch: 'a', seq: 0 }, stale: true });
  });
  it.each([
    ['nothing happened while away', { epoch: 'a', seq: 4 }, false],
    ['something happened while away', { epoch: 'a', seq: 5 }, true],
    ['another gateway', { epoch: 'b', seq: 4 }, true],
  ])('after a reconnect: %s', (_, hello, stale) => {
    expect(greet({ epoch: 'a', seq: 4 }, hello)).toEqual({ next: hello, stale });
  });
  it.each([
    ['the next number', 5, 5, false],
    ['a number was skipped', 6, 6, true],
    ['the same again', 4, 4, true],
    ['an old one', 2, 4, true],
  ])('%s', (_, seq, next, stale) => {
    expect(follow({ epoch: 'a', seq: 4 }, seq)).toEqual({ next: { epoch: 'a', seq: next }, stale });
  });
  it('does not trust an event before hello', () => {
    expect(follow(undefined, 1)).toEqual({ next: undefined, stale: true });
  });
});
