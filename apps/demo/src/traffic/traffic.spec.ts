import { describe, expect, it } from 'vitest';
import { runCrowd, visitors, worldAt } from './crowd.js';
import { type Call, type Visitor, visit, type World } from './visitor.js';

/** A world that answers well, keeps no time, and draws its luck from a seed (mulberry32). */
function worldOf(seed: number, statusOf: (call: Call) => number = () => 200) {
  let state = seed;
  const calls: Call[] = [];
  let seconds = 0;
  const world: World = {
    random: () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
    pause: async (pause) => {
      seconds += pause;
    },
    call: async (_, call) => {
      calls.push(call);
      return { status: statusOf(call), body: { id: 1001 } };
    },
  };
  return { world, calls, seconds: () => seconds };
}
const customer = visitors[6] as Visitor;
const stranger = visitors.find(({ user }) => !user) as Visitor;

describe('a visit', () => {
  it('is what people do: a minute long, seldom a wrong password, now and then a dead link', async () => {
    let calls = 0;
    let seconds = 0;
    let wrong = 0;
    let dead = 0;
    let bought = 0;
    for (let seed = 0; seed < 400; seed += 1) {
      const { world, calls: made, seconds: took } = worldOf(seed);
      await visit(customer, world);
      calls += made.length;
      seconds += took();
      const tries = made.filter(({ path }) => path === '/login').length;
      expect(tries).toBeLessThanOrEqual(3);
      wrong += tries - 1;
      dead += made.filter(({ path }) => /^\/products\/5\d\d$/.test(path)).length;
      bought += made.filter(({ path }) => path === '/orders/1001').length;
    }
    const rate = (12 * calls) / seconds; // A dozen visits at a time.
    expect(rate).toBeGreaterThan(1.5);
    expect(rate).toBeLessThan(8);
    expect(wrong / 400).toBeGreaterThan(0.03);
    expect(wrong / 400).toBeLessThan(0.2);
    expect(dead).toBeGreaterThan(20);
    expect(bought).toBeGreaterThan(20);
  });
  it('ends at a refusal', async () => {
    const { world, calls } = worldOf(1, ({ path }) => (path === '/me' ? 429 : 200));
    await visit(customer, world);
    expect(calls.at(-1)?.path).toBe('/me');
  });
  it('of a stranger asks for nothing that needs a customer', async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const { world, calls } = worldOf(seed);
      await visit(stranger, world);
      expect(calls.filter(({ path }) => !/^\/(products|search)/.test(path))).toEqual([]);
    }
  });
});

describe('the crowd', () => {
  it('is the same after each start, everybody at an address', () => {
    expect(visitors.filter(({ user }) => user)).toHaveLength(40);
    expect(new Set(visitors.map(({ address }) => address)).size).toBe(48 - 5);
  });
  it('outlives a shop that is away and leaves when it is told to', async () => {
    const leaving = new AbortController();
    const crowd = runCrowd(worldAt('http://127.0.0.1:9', leaving.signal), leaving.signal);
    setTimeout(() => leaving.abort(), 300);
    await crowd;
  });
});
