import type { Contribution } from '@plimsoll/detection';
import { describe, expect, it } from 'vitest';
import { shardOf, shardOfContribution, sourceOf } from './shards.js';

describe('sourceOf', () => {
  const ip = '203.0.113.9';
  it.each([
    ['an actor that the host vouches for', { actor: 'ada', authenticated: true, ip }, 'ada'],
    ['an actor that is only claimed', { actor: 'ada', authenticated: false, ip }, ip],
    ['nobody', { authenticated: true, ip }, ip],
  ])('is for %s', (_, log, source) => {
    expect(sourceOf(log)).toBe(source);
  });
});

describe('shardOf', () => {
  it('never moves anybody: these are part of the data of every installation', () => {
    const places = ['ada', 'bob', '203.0.113.9', '2001:db8::1', 'çelik', ''].map((source) => shardOf('shop', source, 16));
    expect(places).toEqual([14, 14, 3, 4, 9, 3]);
  });

  it('tells services apart', () => {
    const differing = Array.from({ length: 100 }, (_, i) => `actor-${i}`).filter(
      (actor) => shardOf('shop', actor, 64) !== shardOf('billing', actor, 64),
    );
    expect(differing.length).toBeGreaterThan(90);
  });

  it.each([1, 3, 4, 16])('spreads sources that differ in a digit evenly over %i shards', (shards) => {
    const counts = new Array<number>(shards).fill(0);
    for (let i = 0; i < 20_000; i += 1) counts[shardOf('shop', `user-${i}`, shards)]! += 1;
    const even = 20_000 / shards;
    for (const count of counts) expect(Math.abs(count - even) / even).toBeLessThan(0.1);
  });
});

it('gives all contributions about an entity to one shard, and tells kinds of entities with the same id apart', () => {
  const about = (entity: string, second: number) => ({ service: 'shop', entity, id: '203.0.113.9', second }) as Contribution;
  const places = (entity: string) => new Set([1, 2, 3].map((second) => shardOfContribution(about(entity, second), 1024)));
  expect(places('address').size).toBe(1);
  expect(places('actor').size).toBe(1);
  expect(places('address')).not.toEqual(places('actor'));
});
