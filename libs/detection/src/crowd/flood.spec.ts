/** Floods, on made pulses. */
import { describe, expect, it, vi } from 'vitest';
import { brief, DAY, HOUR, known, type Life, MONDAY, only, sixfold, THEN, World } from './world.fixture.js';

// Days of pulses: seconds beside other work.
vi.setConfig({ testTimeout: 60_000 });

describe('flood', () => {
  it('finds many sources at ten times the usual within a minute, and nothing else', () => {
    const [finding, ...others] = known().live(THEN, THEN + 900, only('GET /b', { each: 2 }));
    expect(brief(others)).toEqual([]);
    expect(finding).toMatchObject({ kind: 'flood', subject: { type: 'endpoint', id: 'GET /b' }, windowSeconds: 120 });
    expect((finding?.ts ?? 0) / 1000 - THEN).toBeLessThanOrEqual(62);
  });

  it('finds three times the usual over sixteen minutes', () => {
    const found = known().live(THEN, THEN + 1200, only('GET /b', { each: 0.6 }));
    expect(found.map(({ kind, subject }) => [kind, subject.id])).toEqual([['flood', 'GET /b']]);
  });

  it('leaves a few loud sources to the kinds made for them', () => {
    const found = known().live(THEN, THEN + 1200, only('GET /b', { each: 40, groups: 4 }));
    expect(brief(found)).toEqual([]);
  });

  it('takes a surge of everything for at most one finding, about the service', () => {
    const found = known().live(THEN, THEN + 2400, () => ({ each: 1.2 }));
    expect(found.map(({ subject }) => subject.type)).toEqual(['service']);
    expect(brief(known().live(THEN, THEN + 2400, () => ({ each: 0.7 })))).toEqual([]);
  });

  it('says nothing of a new service that grows, on its first day', () => {
    const world = new World(2);
    const growing: Life = (second) => ({ each: ((second - MONDAY) / DAY) ** 2 * 20 });
    expect(brief(world.live(MONDAY, MONDAY + DAY, growing, 60))).toEqual([]);
  });

  it('finds on the first day what is no morning either, and lets a new function have its opening', () => {
    const opened = (size: number) => {
      const world = new World(4);
      const first: Life = (_, name) => (name === 'GET /b' ? { each: 0.01 } : { each: name === 'GET /a' ? size : 0.2 });
      world.live(MONDAY, MONDAY + 3 * HOUR, sixfold(first), 60);
      const rush: Life = (second, name) => (name === 'GET /b' ? { each: 8 } : first(second, name));
      return world.live(MONDAY + 3 * HOUR, MONDAY + 3 * HOUR + 300, rush);
    };
    expect(opened(0.2).map(({ kind, subject }) => [kind, subject.id])).toEqual([['flood', 'GET /b']]);
    expect(brief(opened(20))).toEqual([]);
  });

  it('is not disturbed by offices: nights, the first Saturday, the Monday after it, and a noon rush', () => {
    const world = new World(2);
    const office: Life = (second) => {
      const day = Math.floor((second - MONDAY) / DAY) % 7;
      const hour = ((second - MONDAY) % DAY) / HOUR;
      const work = day >= 5 ? 0.05 : Math.exp(-(((hour - 13) / 3.5) ** 4));
      const noon = day < 5 && hour >= 12 && hour < 12.5 ? 2 : 1;
      return { each: 0.01 + 0.5 * work * noon };
    };
    expect(brief(world.live(MONDAY + 3 * DAY, MONDAY + 9 * DAY, sixfold(office), 60))).toEqual([]);
  });

  it('learns a new normal after a few hours, and at once where a person says so', () => {
    const world = known();
    const more = only('GET /b', { each: 2 });
    world.live(THEN, THEN + 9 * HOUR, sixfold(more), 60);
    expect(world.found.at(-1)?.phase).toBe('ended');
    const told = known();
    told.live(THEN, THEN + 600, more);
    const about = { service: 'shop', kind: 'flood', subject: { type: 'endpoint', id: 'GET /b' }, endpoint: 'GET /b' } as const;
    told.crowds.heed({ ...about, verdict: 'expected-change', alertId: 'a', openedAt: 0, judgedAt: 0, historical: false });
    told.live(THEN + 600, THEN + 1500, more);
    expect(told.found.at(-1)?.phase).toBe('ended');
  });
});
