/** Failures and slowness of endpoints, and what is kept of them, on made pulses. */
import { DEFAULT_SETTINGS, type Settings } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { Finding } from '../finding.js';
import { rulesOf } from '../rules.js';
import { PULSE_SECONDS } from './constants.js';
import { brief, DAY, HOUR, known, type Life, lived, MONDAY, only, ordinary, rules, THEN, World } from './world.fixture.js';

// Days of pulses: seconds beside other work.
vi.setConfig({ testTimeout: 60_000 });

describe('endpoint-health', () => {
  it('says within half a minute that most requests fail, blames nobody, and ends when it is over', () => {
    const world = known();
    const [finding, ...others] = world.live(THEN, THEN + 600, only('GET /b', { each: 0.2, failed: 0.6 }));
    expect(brief(others)).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'endpoint-health',
      subject: { type: 'endpoint', id: 'GET /b' },
      rate: null,
      verified: false,
    });
    expect((finding?.ts ?? 0) / 1000 - THEN).toBeLessThanOrEqual(32);
    expect(finding?.observed).toBeGreaterThan(finding?.limit ?? 0);
    world.live(THEN + 600, THEN + 1500, ordinary);
    expect(world.found.map(({ phase }) => phase).at(-1)).toBe('ended');
  });

  it('finds six failures in a hundred where one in a thousand is usual', () => {
    const found = known().live(THEN, THEN + 900, only('GET /b', { each: 0.4, failed: 0.06 }));
    expect(found.map(({ subject }) => subject.id)).toEqual(['GET /b']);
  });

  it('finds an endpoint that is twice as slow for everybody, and says what would have been no alert', () => {
    const [finding] = known().live(THEN, THEN + 900, only('GET /c', { each: 0.4, ms: 60 }));
    expect(finding).toMatchObject({ kind: 'endpoint-health', unit: 'ms', subject: { id: 'GET /c' } });
    expect(Math.abs((finding?.expected ?? 0) - 32)).toBeLessThan(8);
    expect(finding?.explanation).toMatch(/ms or less there would be no alert/);
  });

  it('finds an endpoint with two requests a minute that mostly fails', () => {
    const sparse: Life = (second, name) => {
      if (name !== 'GET /b') return ordinary(second, name);
      return second % 30 === 0 ? { each: 0.1, failed: second > THEN ? 0.7 : 0 } : { each: 0 };
    };
    const world = new World(3);
    expect(brief(world.live(MONDAY, MONDAY + DAY / 2, sparse))).toEqual([]);
    const found = world.live(THEN - 1.5 * DAY, THEN - 1.5 * DAY + 900, (second, name) => sparse(second + 2 * DAY, name));
    expect(found.map(({ subject }) => subject.id)).toEqual(['GET /b']);
  });

  it('does not take one client that retries in vain, or is slow, for everybody', () => {
    const world = known();
    const loud = { groups: 1, each: 8, failed: 1, ms: 3000 };
    const found: Finding[] = [];
    for (let second = THEN; second < THEN + 1800; second += PULSE_SECONDS) {
      const pulse = world.pulse(second, ordinary);
      pulse.endpoints.push(
        ...world.pulse(second, only('GET /b', loud)).endpoints.filter(({ endpoint }) => endpoint === 'GET /b'),
      );
      found.push(...world.crowds.absorb(pulse, rules));
    }
    expect(brief(found)).toEqual([]);
  });

  it('tolerates more where somebody asked for it, and says nothing of a kind that is off', () => {
    const failing = only('GET /b', { each: 0.4, failed: 0.06 });
    const off = { endpoints: [{ endpoint: 'GET /b', kinds: { 'endpoint-health': 'off' } }] } as const;
    for (const some of [{ sensitivity: 15 }, off]) {
      const world = known();
      world.rules = rulesOf({ ...DEFAULT_SETTINGS, ...some } as Settings);
      expect(brief(world.live(THEN, THEN + 900, failing))).toEqual([]);
    }
  });

  it('is one finding about the service where everything fails', () => {
    const world = known();
    const found = world.live(THEN, THEN + 600, () => ({ each: 0.4, failed: 0.9 }));
    expect(found.map(({ subject }) => subject)).toEqual([{ type: 'service', id: 'shop' }]);
    expect(world.found.at(-1)?.severity).toBe('critical');
  });

  it('is told of each endpoint where most others are well', () => {
    const broken: Life = (_, name) => ({ each: 0.4, failed: name < 'GET /d' ? 0.9 : 0.001 });
    const found = known(12).live(THEN, THEN + 600, broken);
    expect(found.map(({ subject }) => subject.id)).toEqual(['GET /a', 'GET /b', 'GET /c']);
  });
});

describe('state', () => {
  it('goes on after a restart at any point as if nothing had happened', () => {
    const [one, other] = [known(), known()];
    const story: Life = (second, name) =>
      name === 'GET /b' && second > THEN + 300 ? { each: 1.5, failed: second > THEN + 600 ? 0.3 : 0 } : ordinary(second, name);
    const stored = new Map(lived.get(6)?.stored);
    for (let second = THEN; second < THEN + 1200; second += PULSE_SECONDS) {
      const put = (key: string, state: Uint8Array) => stored.set(key, state);
      other.crowds.takeChanges(put, (key) => stored.delete(key));
      other.crowds = other.make();
      for (const [key, state] of stored) expect(other.crowds.load(key, state)).toBe(true);
      expect(other.live(second, second + PULSE_SECONDS, story)).toEqual(one.live(second, second + PULSE_SECONDS, story));
    }
    expect(one.found.filter(({ phase }) => phase === 'opened').length).toBeGreaterThanOrEqual(2);
    expect(other.make().load('["shop","GET /b"]', Uint8Array.from([9, 9]))).toBe(false);
  });

  it('does not depend on the shards that pulses come from, nor on their order', () => {
    const [whole, parts] = [known(), known()];
    const flood = only('GET /b', { each: 2 });
    const found: Finding[] = [];
    for (let second = THEN; second < THEN + 300; second += PULSE_SECONDS) {
      const pulse = parts.pulse(second, flood);
      const half = (even: boolean) =>
        pulse.endpoints.map(({ endpoint, groups }) => ({
          endpoint,
          groups: groups.filter(([group = 0]) => (group % 2 === 0) === even),
        }));
      found.push(...parts.crowds.absorb({ ...pulse, endpoints: half(second % 20 === 0) }, rules));
      found.push(...parts.crowds.absorb({ ...pulse, endpoints: half(second % 20 !== 0) }, rules));
    }
    const expected = whole.live(THEN, THEN + 300, flood).map(({ ts, subject }) => [ts, subject.id]);
    expect(found.filter(({ phase }) => phase === 'opened').map(({ ts, subject }) => [ts, subject.id])).toEqual(expected);
    expect(expected).toHaveLength(1);
  });

  it('survives a clock that is put right', () => {
    const world = known();
    world.live(THEN + 30 * DAY, THEN + 30 * DAY + 20, ordinary);
    expect(brief(world.live(THEN, THEN + HOUR, ordinary))).toEqual([]);
    expect(world.live(THEN + HOUR, THEN + HOUR + 300, only('GET /b', { each: 0.4, failed: 0.8 }))).toHaveLength(1);
  });
});
