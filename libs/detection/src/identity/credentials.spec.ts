/** Tokens and keys of nobody in particular, through the whole model: a service that names no actor. */
import { DEFAULT_SETTINGS, type RequestLog, settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import { MINUTE, NOON, played, request, SECOND, times } from '../../../../test/setup/played.js';
import { contributionEntity, decide, type Finding, Model, type Population } from '../index.js';

// Days of a service many times over: seconds alone, more beside other work.
vi.setConfig({ testTimeout: 60_000 });

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEYS = 24;
const CLIENT = 'python-requests/2.33';

const call = (ts: number, key: number, fields: Partial<RequestLog> = {}) =>
  request(ts, `192.0.${key}.9`, { route: '/orders', userAgent: CLIENT, credential: `key-${key}`, ...fields });

/** Each key is used from one place, twice a day for six minutes. */
const ordinary = (days: number) =>
  times(days * 2 * KEYS, (index) => {
    const key = index % KEYS;
    const sitting = Math.floor(index / KEYS);
    const from = NOON - (days + 1) * DAY + Math.floor(sitting / 2) * DAY + (sitting % 2) * 9 * HOUR + key * MINUTE;
    return times(12, (turn) => call(from + turn * 30 * SECOND, key));
  }).flat();

const thief = { ip: '203.0.113.66', userAgent: 'curl/8.5' };
const turns = (count: number, stranger: Partial<RequestLog>) =>
  times(count, (index) => call(NOON + index * 40 * SECOND, 3, index % 2 === 1 ? stranger : {}));

const shardOf = (text: string, shards: number) =>
  [...text].reduce((hash, { length }, index) => hash + text.charCodeAt(index) + length, 0) % shards;

/** Addresses and credentials of many shards. */
function sharded(logs: readonly RequestLog[], shards: number): Finding[] {
  const models = Array.from({ length: shards }, () => new Model());
  const findings: Finding[] = [];
  const populations: Population[] = [];
  for (const log of [...logs].sort((a, b) => a.ts - b.ts)) {
    const model = models[shardOf(log.ip, shards)] as Model;
    const assessment = model.assess('shop', log, `GET ${log.route}`, DEFAULT_SETTINGS);
    model.learn(assessment);
    findings.push(...assessment.findings);
    for (const one of models.flatMap((each) => each.takeContributions()))
      findings.push(...(models[shardOf(contributionEntity(one), shards)]?.absorb(one, DEFAULT_SETTINGS) ?? []));
    for (const population of models.flatMap((each) => each.takePopulations())) populations.push(population);
    for (const population of populations.splice(0)) for (const each of models) each.setPopulation(population);
  }
  return findings;
}

describe('a credential of nobody in particular', () => {
  it('is stolen when a second device and network take turns with the first', () => {
    const { opened, findings } = played([...ordinary(3), ...turns(10, thief)]);
    expect(opened).toEqual(['token-theft key-3']);
    const [first] = findings;
    expect(first).toMatchObject({ subject: { type: 'credential', id: 'key-3' }, verified: true, unit: 'turns' });
    expect(first?.addresses).toEqual(['192.0.3.9', thief.ip]);
    expect(first?.actors).toBeUndefined();
    expect(first?.explanation).toMatch(/^One credential went \d times? to and fro .* the second of them new to it;/);
  });
  it('can be blocked by itself', () => {
    const [first] = played([...ordinary(3), ...turns(10, thief)]).findings;
    const ruling =
      first &&
      decide(first, {
        policy: 'block',
        settings: DEFAULT_SETTINGS,
        requests: [],
        active: undefined,
        earlier: [],
        now: first.ts,
      });
    expect(ruling).toMatchObject({
      type: 'create',
      step: { action: 'block' },
      subject: { type: 'credential', id: 'key-3' },
      endpoint: null,
    });
  });
  it('is not when it moves, when its host has two networks or two clients, nor where it is refused', () => {
    const moved = times(30, (index) => call(NOON + index * 20 * SECOND, 3, index > 9 ? thief : {}));
    const harmless = [
      moved,
      turns(20, { ip: thief.ip }),
      turns(20, { userAgent: thief.userAgent }),
      turns(20, { ...thief, credential: 'key-new' }),
      turns(20, { ...thief, status: 401 }),
    ];
    for (const logs of harmless) expect(played([...ordinary(3), ...logs]).opened).toEqual([]);
  });
  it('is not where keys are used from several machines at once', () => {
    const farm = times(60, (index) =>
      call(NOON + index * 10 * SECOND, 3, { ip: `198.51.${index % 6}.1`, userAgent: `worker/${index % 2}` }),
    );
    expect(played([...ordinary(3), ...farm]).opened).toEqual([]);
  });
  it('is not forgotten for any number of invented ones', () => {
    const { opened } = played([
      ...ordinary(3),
      ...times(6000, (index) =>
        call(NOON - HOUR + index * 300, 99, { credential: `invented-${index}`, ip: `45.${index & 255}.7.7` }),
      ),
      ...turns(10, thief),
    ]);
    expect(opened.filter((what) => what.startsWith('token-theft'))).toEqual(['token-theft key-3']);
  });
  it('is known after a restart however many others are', () => {
    const model = new Model();
    const entity = 'credential';
    for (let key = 0; key < 6000; key += 1)
      for (let day = 0; day < 3; day += 1) {
        const log = call(NOON + day * DAY, key % 250, { credential: `key-${key}` });
        const one = { entity, service: 'shop', id: `key-${key}`, second: log.ts / SECOND, historical: false } as const;
        model.absorb({ ...one, samples: [log] }, DEFAULT_SETTINGS);
      }
    const next = new Model();
    next.restore(model.takeChanges().puts);
    expect([model.size, next.size, next.evicted]).toEqual([6000, 6000, 0]);
  });
  it('is let be where the settings allow it', () => {
    const settings = settingsSchema.parse({ allow: { credentials: ['key-3'] } });
    const model = new Model();
    const [sample] = turns(1, thief) as [RequestLog];
    const one = { entity: 'credential', service: 'shop', id: 'key-3', second: NOON / SECOND, historical: false } as const;
    expect(model.absorb({ ...one, samples: [sample] }, settings)).toEqual([]);
    expect(model.size).toBe(0);
  });
  it('is found alike with one shard and with four, and after restarts', () => {
    const logs = [...ordinary(3), ...turns(10, thief)];
    const told = (findings: readonly Finding[]) =>
      findings.filter(({ kind }) => kind === 'token-theft').map(({ ts, phase, observed }) => [ts, phase, observed]);
    const whole = told(sharded(logs, 1));
    expect(whole.length).toBeGreaterThan(0);
    expect(told(sharded(logs, 4))).toEqual(whole);
    const stored = new Map<string, Uint8Array>();
    let seconds = 0;
    const restarted = (model: Model) => {
      const { puts, deletes } = model.takeChanges();
      for (const key of deletes) stored.delete(key);
      for (const [key, state] of puts) stored.set(key, state);
      seconds += 1;
      if (seconds % 400 !== 0) return model;
      const next = new Model();
      next.restore(stored);
      expect(next.unreadable).toBe(0);
      return next;
    };
    expect(played(logs, restarted).opened).toEqual(['token-theft key-3']);
  });
});
