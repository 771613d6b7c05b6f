import type { Finding } from '@plimsoll/detection';
import { describe, expect, it } from 'vitest';
import { withParties } from './parties.js';

const finding = (part: Partial<Finding>) => part as Finding;

describe('the parties of an alert', () => {
  it('are those of all its findings, each once, in the order in which they came', () => {
    const first = withParties(undefined, finding({ actors: ['b', 'a'] }));
    const next = withParties(first, finding({ actors: ['a', 'c'], addresses: ['192.0.2.1'] }));
    expect(next).toEqual({ actors: { items: ['b', 'a', 'c'], total: 3 }, addresses: { items: ['192.0.2.1'], total: 1 } });
  });
  it('are counted beyond what is listed, and the count never falls', () => {
    const first = withParties(undefined, finding({ actors: ['a'], actorCount: 5_000 }));
    expect(withParties(first, finding({ actors: ['b'], actorCount: 40 })).actors).toEqual({ items: ['a', 'b'], total: 5_000 });
  });
  it('are kept up to a bound, in number and in length', () => {
    const many = Array.from({ length: 1_500 }, (_, index) => `a${index}`);
    const { actors } = withParties(undefined, finding({ actors: many, actorCount: 1_500 }));
    expect([actors.items.length, actors.total]).toEqual([1_000, 1_500]);
    expect(withParties(undefined, finding({ actors: ['x'.repeat(700)] })).actors.items[0]).toHaveLength(256);
  });
  it('are the same object where nothing is new, so that nothing is written', () => {
    const first = withParties(undefined, finding({ actors: ['a'], actorCount: 9 }));
    const next = withParties(first, finding({ actors: ['a'], actorCount: 8 }));
    expect(next.actors).toBe(first.actors);
    expect(next.addresses).toBe(first.addresses);
  });
});
