import { shardOf } from '@plimsoll/storage';
import { describe, expect, it } from 'vitest';
import { log } from '../../../test/setup/ingest-server.js';
import { checkLog, hashOf, LATE_AFTER_MS, type Receipt, receiveLog, toBatches } from './logs.js';

const NOW = 1_790_000_000_000;
const receipt: Receipt = { service: 'shop', batch: 'b', historical: false, receivedAt: NOW };
const receive = (fields: Record<string, unknown> = {}, index = 0, change: Partial<Receipt> = {}) => {
  const checked = checkLog(log({ ts: NOW, ...fields }));
  if (!('log' in checked)) throw new Error(`${checked.field}: ${checked.reason}`);
  return receiveLog(checked.log, index, { ...receipt, ...change });
};

describe('checking', () => {
  it.each([
    [{ ts: 'yesterday' }, 'ts', /ISO 8601/],
    [{ ts: '0001-01-01T00:00:00Z' }, 'ts', />=0/],
    [{ ts: -1 }, 'ts', />=0/],
    [{ ip: '999.0.0.1' }, 'ip', /IPv4 or IPv6/],
    [{ ip: "'; drop table" }, 'ip', /IPv4 or IPv6/],
    [{ method: 'GET\r\nX: y' }, 'method', /HTTP method/],
    [{ status: 99 }, 'status', /100/],
    [{ status: '200' }, 'status', /number/],
    [{ path: '' }, 'path', /./],
    [{ actor: 'a'.repeat(257) }, 'actor', /256/],
    [{ durationMs: null }, 'durationMs', /number/],
    [{ verdict: 'allow it' }, 'verdict', /allow/],
  ])('names field and reason of %j', (fields, field, reason) => {
    const checked = checkLog(log({ ts: NOW, ...fields }));
    expect(checked).toMatchObject({ field, reason: expect.stringMatching(reason) });
  });

  it.each([[null], [1], ['text'], [[]], [true]])('names the log itself where it is %j', (entry) => {
    expect(checkLog(entry)).toMatchObject({ field: '', reason: expect.stringMatching(/object/) });
  });

  it('never repeats what was sent', () => {
    const canary = 'canary-7f3a';
    const refused = ['ts', 'ip', 'method', 'status', 'verdict', 'auth', 'actor'].map((field) =>
      checkLog(log({ [field]: field === 'actor' ? { canary } : `${canary} !` })),
    );
    expect(refused.every((checked) => 'reason' in checked)).toBe(true);
    expect(JSON.stringify(refused)).not.toContain(canary);
  });
});

describe('receiving', () => {
  it('ignores what it does not know, and a service of the log', () => {
    const received = receive({ service: 'bank', password: 'x', headers: { cookie: 'y' } });
    expect(received).not.toHaveProperty('service');
    expect(received).not.toHaveProperty('password');
    expect(received).not.toHaveProperty('headers');
  });

  it('sets the prototype of nothing', () => {
    const checked = checkLog(
      JSON.parse(`{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify(log()).slice(1)}`),
    );
    expect(checked).toHaveProperty('log');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((checked as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('brings the future back to now', () => {
    expect(receive({ ts: NOW + 3_600_000 })).toMatchObject({ ts: NOW, timing: 'live' });
    expect(receive({ ts: NOW - 1 })).toMatchObject({ ts: NOW - 1 });
  });

  it.each([
    [0, 'live'],
    [LATE_AFTER_MS, 'live'],
    [LATE_AFTER_MS + 1, 'late'],
    [10 * 365 * 86_400_000, 'late'],
  ])('calls a log %i ms old %s', (ageMs, timing) => {
    expect(receive({ ts: NOW - ageMs })).toMatchObject({ timing });
    expect(receive({ ts: NOW - ageMs }, 0, { historical: true })).toMatchObject({ timing: 'historical' });
  });

  it('makes an id from batch and index where there is none', () => {
    expect(receive({}, 3).id).toBe(receive({}, 3).id);
    expect(new Set([receive({}, 3).id, receive({}, 4).id, receive({}, 3, { batch: 'c' }).id]).size).toBe(3);
    expect(receive({ id: 'mine' }, 3).id).toBe('mine');
  });

  it.each([
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '192.0.2.7'],
  ])('writes the address %s as %s', (ip, plain) => {
    expect(receive({ ip }).ip).toBe(plain);
  });

  it('drops query values and makes hostile text visible', () => {
    expect(receive({ path: '/a?token=secret#x', userAgent: 'a\r\nb\u202e', actor: 'x\u0000' })).toMatchObject({
      path: '/a',
      userAgent: 'a\ufffd\ufffdb\ufffd',
      actor: 'x\ufffd',
    });
  });
});

describe('sharding', () => {
  it('puts a source into one shard and loses nothing', () => {
    const logs = Array.from({ length: 200 }, (_, i) => receive({ actor: `actor-${i % 20}`, ip: `192.0.2.${i % 50}` }, i));
    const batches = toBatches(logs, receipt, 4);
    expect(batches.map(({ shard }) => shard)).toEqual([0, 1, 2, 3]);
    expect(batches.flatMap(({ requests }) => requests)).toHaveLength(200);
    for (const { shard, requests } of batches) {
      expect(requests.every(({ actor }) => shardOf('shop', actor ?? '', 4) === shard)).toBe(true);
    }
  });

  it('goes by the address where the actor is only claimed or unknown', () => {
    const claimed = receive({ actor: 'ada', status: 401, ip: '192.0.2.9' });
    const { actor: _, ...unknown } = receive({ ip: '192.0.2.9' });
    expect(toBatches([claimed, unknown], receipt, 64)).toHaveLength(1);
  });
});

describe('hashes', () => {
  it('tell apart what reads the same when put together', () => {
    expect(hashOf('ab', 'c')).not.toBe(hashOf('a', 'bc'));
    expect(hashOf('ab')).not.toBe(hashOf('ab', ''));
    expect(hashOf('a', Buffer.from('b'))).toBe(hashOf('a', 'b'));
  });
});
