/** Bounds and storage of the model: rooms that are full, states that are old. */
import { DEFAULT_SETTINGS, type Settings } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import { contributionEntity, Model } from './index.js';
import { request, step } from './model.fixture.js';

// Hundreds of thousands of logs in some tests: seconds beside other work.
vi.setConfig({ testTimeout: 60_000 });

const settings: Settings = DEFAULT_SETTINGS;
const NOON = Date.UTC(2026, 0, 5, 12);
function exchange(model: Model, now: number): void {
  for (const contribution of model.takeContributions()) model.absorb(contribution, settings);
  model.settle(now);
}

describe('a full model', () => {
  it('ten thousand invented actors a second neither grow it nor make it forget who is busy', () => {
    const model = new Model({ maxEntities: 20_000 });
    const busy = Array.from({ length: 200 }, (_, index) => `regular-${index}`);
    for (let minute = 0; minute < 15; minute += 1) {
      for (const actor of busy) step(model, request(NOON + minute * 60_000, { actor }));
      model.settle(NOON + minute * 60_000);
    }
    let invented = 0;
    for (let second = 0; second < 20; second += 1) {
      for (let index = 0; index < 10_000; index += 1)
        step(model, request(NOON + 3_600_000 + second * 1000, { actor: `x${invented++}` }));
      model.takeContributions();
      model.settle(NOON + 3_600_000 + second * 1000);
    }
    expect(model.size).toBeLessThanOrEqual(20_000 + 2_000);
    expect(model.evicted).toBeGreaterThanOrEqual(invented - 20_000);
    const own = (actor: string) => {
      for (let call = 0; call < 60; call += 1) {
        const found = step(model, request(NOON + 3_700_000, { actor }))[0];
        if (found) return found.evidence.own;
      }
      return -1;
    };
    expect(busy.filter((actor) => own(actor) >= 5)).toHaveLength(200);
  });

  it('what is stored is what is there: evicted entities are deleted', () => {
    const model = new Model({ maxEntities: 50 });
    const stored = new Map<string, Uint8Array>();
    for (let index = 0; index < 400; index += 1) {
      step(model, request(NOON + index * 1000, { actor: `a${index}` }));
      if (index % 10 !== 0) continue;
      const { puts, deletes } = model.takeChanges();
      for (const key of deletes) stored.delete(key);
      for (const [key, state] of puts) stored.set(key, state);
    }
    const { puts, deletes } = model.takeChanges();
    for (const key of deletes) stored.delete(key);
    for (const [key, state] of puts) stored.set(key, state);
    expect([...stored.keys()].filter((key) => key.startsWith('r'))).toHaveLength(50);
    expect(puts.every(([key]) => !deletes.includes(key))).toBe(true);
  });

  it('invented addresses with misses are bounded too', () => {
    const model = new Model({ maxEntities: 2_000 });
    for (let index = 0; index < 5_000; index += 1) {
      const ip = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
      step(model, request(NOON + index, { ip, status: 404, path: `/p${index}` }));
      if (index % 500 === 0) exchange(model, NOON + index);
    }
    exchange(model, NOON + 6_000);
    expect(model.size).toBeLessThanOrEqual(2_200);
  });
});

describe('stored state', () => {
  it('a pair takes at most 160 bytes, version first', () => {
    const model = new Model();
    step(model, request(NOON, { actor: 'ann' }));
    const pair = model.takeChanges().puts.find(([key]) => key.startsWith('r'))?.[1];
    expect(pair?.length).toBeLessThanOrEqual(160);
    expect(pair?.[0]).toBe(3);
    expect(model.takeChanges()).toEqual({ puts: [], deletes: [] });
  });
  it('what cannot be read is left out and counted', () => {
    const model = new Model();
    step(model, request(NOON, { actor: 'ann' }));
    const { puts } = model.takeChanges();
    const restored = new Model();
    restored.restore([
      ...puts.map(([key, state]): [string, Uint8Array] => [
        key,
        Uint8Array.from(state, (byte, index) => (index === 0 ? 99 : byte)),
      ]),
      ['r[broken', new Uint8Array([1])],
      ['zunknown', new Uint8Array([1, 123, 125])],
      ['', new Uint8Array()],
    ]);
    expect(restored.size).toBe(0);
    expect(restored.unreadable).toBe(puts.length + 3);
  });
});

describe('contributionEntity', () => {
  it('tells entities apart that spell alike', () => {
    const model = new Model();
    for (const actor of ['a', 'a"', 'a,b'])
      step(model, request(NOON, { actor, status: 401, authenticated: false }), 'POST /login');
    const names = model.takeContributions().map(contributionEntity);
    // Three accounts, their address, the sign-in.
    expect(new Set(names).size).toBe(5);
  });
});
