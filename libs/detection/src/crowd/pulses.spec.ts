/** What leaves a shard: whole pulses, when their time is over, the same after a restart and by any number of shards. */
import type { RequestLog } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import type { PulseContribution } from '../contribution.js';
import { Endpoint } from '../entities/endpoints.js';
import type { Source } from '../entities/sources.js';
import type { Seen } from '../visit.js';
import { Pulses } from './pulses.js';

const NOON = Date.UTC(2026, 0, 5, 12);
const endpoints = [new Endpoint(0, 'shop', 'GET /a'), new Endpoint(1, 'shop', 'POST /login')] as const;
const sources = Array.from(
  { length: 40 },
  (_, index): Source => ({ index, service: 'shop', type: 'address', id: `198.51.100.${index}`, past: false, first: 0 }),
);

function seen(ms: number, who = 0, fields: Partial<RequestLog> = {}, where = 0): Seen {
  const log: RequestLog = {
    id: `l${ms}`,
    ts: NOON + ms,
    method: 'GET',
    path: '/a',
    status: 200,
    durationMs: 20,
    bytesIn: 0,
    bytesOut: 0,
    ip: '198.51.100.1',
    userAgent: '',
    authenticated: false,
    verdict: 'allow',
    timing: 'live',
    ...fields,
  };
  const [endpoint, source] = [endpoints[where] as Endpoint, sources[who] as Source];
  return {
    service: 'shop',
    log,
    name: endpoint.name,
    second: Math.floor(log.ts / 1000),
    past: false,
    endpoint,
    source,
    slot: -1,
  };
}

/** Requests, failures and timed requests of all groups. */
const sums = (pulses: readonly PulseContribution[]) =>
  [1, 2, 3].map((field) =>
    pulses
      .flatMap(({ endpoints: all }) => all.flatMap(({ groups }) => groups.map((group) => group[field] ?? 0)))
      .reduce((a, b) => a + b, 0),
  );

describe('a pulse', () => {
  it('leaves once, when a log two seconds past its end has come', () => {
    const pulses = new Pulses();
    pulses.count(seen(1_000));
    pulses.count(seen(11_000));
    expect(pulses.take()).toEqual([]);
    pulses.count(seen(12_000));
    const [pulse, ...others] = pulses.take();
    expect(others).toEqual([]);
    expect(pulse).toMatchObject({ entity: 'pulse', id: 'shop', second: NOON / 1000, newest: NOON + 12_000, logId: 'l1000' });
    expect(sums([pulse as PulseContribution])).toEqual([1, 0, 1]);
    expect(pulses.take()).toEqual([]);
  });

  it('leaves by the clock where no more logs come, and late logs follow in one of their own', () => {
    const pulses = new Pulses();
    pulses.count(seen(1_000));
    pulses.settle(NOON + 12_000);
    expect(sums(pulses.take())).toEqual([1, 0, 1]);
    pulses.count(seen(9_000));
    expect(pulses.take()).toEqual([]); // A function of the logs, not of when the clock was asked.
    pulses.settle(NOON + 14_000);
    const late = pulses.take();
    expect(late.map(({ second }) => second)).toEqual([NOON / 1000]);
    expect(sums(late)).toEqual([1, 0, 1]);
  });

  it('counts failures of the host, not the answers of a bouncer nor wrong passwords', () => {
    const pulses = new Pulses();
    pulses.count(seen(0, 0, { status: 503 }));
    pulses.count(seen(0, 1, { status: 503, verdict: 'block' }));
    pulses.count(seen(0, 2, { status: 404, durationMs: 0 }));
    pulses.count(seen(0, 3, { status: 401 }, 1));
    pulses.settle(NOON + 12_000);
    const [pulse] = pulses.take();
    expect(sums([pulse as PulseContribution])).toEqual([3, 1, 1]);
    expect(pulse?.endpoints.map(({ endpoint }) => endpoint)).toEqual(['GET /a']);
    expect(pulse?.samples.map(({ status }) => status)).toEqual([503]);
  });

  it('is the same from one shard and from the sum of several', () => {
    const [whole, ...parts] = Array.from({ length: 4 }, () => new Pulses());
    for (let index = 0; index < 400; index += 1) {
      const one = seen(index * 20, index % 40, { status: index % 7 === 0 ? 500 : 200, durationMs: 1 + index });
      whole?.count(one);
      parts[one.source.index % 3]?.count(one);
    }
    const taken = (pulses: Pulses | undefined) => {
      pulses?.settle(NOON + 12_000);
      return new Map(pulses?.take().flatMap(({ endpoints: all }) => all.flatMap(({ groups }) => groups.map((g) => [g[0], g]))));
    };
    const added = new Map<number, number[]>();
    for (const [group = 0, values = []] of parts.flatMap((part) => [...taken(part)])) {
      const known = added.get(group);
      added.set(group, known ? known.map((value, field) => (field === 0 ? value : value + (values[field] ?? 0))) : [...values]);
    }
    const expected = taken(whole);
    expect(added.size).toBe(expected.size);
    expect(added.size).toBeGreaterThan(10);
    for (const [group, values] of added) {
      for (const [field, value] of values.entries()) expect(value).toBeCloseTo(expected.get(group)?.[field] ?? -1, 1);
    }
  });

  it('is open across a restart, and stored only where it changed', () => {
    const [pulses, restored] = [new Pulses(), new Pulses()];
    for (let index = 0; index < 50; index += 1) pulses.count(seen(index * 300, index % 40));
    const stored = new Map<string, string>();
    pulses.takeChanges((key, state) => stored.set(key, JSON.stringify(state)));
    for (const [key, state] of stored) expect(restored.load(key, JSON.parse(state))).toBe(true);
    pulses.takeChanges((key) => expect(key).toBe('nothing changed'));
    for (const one of [pulses, restored]) for (let index = 50; index < 80; index += 1) one.count(seen(index * 300, index % 40));
    const taken = pulses.take();
    expect(taken).toHaveLength(2);
    expect(restored.take()).toEqual(taken);
    expect(restored.load('shop', [{ cells: [['GET /a', 1]] }])).toBe(false);
  });

  it('waits in bounded number, however a clock jumps', () => {
    const pulses = new Pulses();
    for (let index = 0; index < 1_000; index += 1) pulses.count(seen(-index * 3_600_000));
    expect(pulses.dropped).toBe(1_000 - 128);
    expect(pulses.take()).toHaveLength(127);
  });
});
