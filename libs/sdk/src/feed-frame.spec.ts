import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decision } from '../test/fake-plimsoll.js';
import { readFrame } from './feed-frame.js';

describe('reading a frame', () => {
  const body = (change: object = {}) => ({
    type: 'delta',
    service: 'shop',
    environment: 'test',
    version: 1,
    issuedAt: 1_800_000_000_000,
    expiresAt: 1_800_000_060_000,
    previous: 0,
    decisions: [],
    lifted: [],
    ...change,
  });
  const read = (value: unknown) => readFrame(JSON.stringify(value));
  const decisionsIn = (value: unknown) => {
    const frame = read(value)?.frame;
    return frame?.type === 'delta' ? frame.decisions : [];
  };

  it('leaves out single decisions that make no sense, and counts them', () => {
    const good = decision();
    const bad = [
      { ...good, action: 'one of a later version' },
      { ...good, action: 'challenge', subject: { type: 'address', id: '192.0.2.7' } },
      { ...good, action: 'throttle', rate: null },
      { ...good, action: 'throttle', rate: { requests: 0, windowSeconds: 60 } },
      { ...good, action: 'throttle', rate: { requests: 1, windowSeconds: '60' } },
      { ...good, subject: { type: 'everyone', id: 'x' } },
      { ...good, subject: { type: 'address', id: 'not an address' } },
      { ...good, subject: { type: 'actor', id: '' } },
      { ...good, subject: { type: 'actor', id: 'x'.repeat(769) } },
      { ...good, id: 7 },
      { ...good, until: 1e300 },
      { ...good, endpoint: 5 },
      null,
      'block all',
    ];
    const result = read(body({ decisions: [...bad, good] }));
    expect(decisionsIn(body({ decisions: [...bad, good] }))).toEqual([good]);
    expect(result?.faulty).toBe(bad.length);
  });

  it('takes an allow-list, without entries that make no sense', () => {
    const allow = {
      actors: ['ada', 'ops-*', '*', '', 7],
      addresses: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1', '10.0.0.0/99', 'nowhere', null],
      credentials: ['key-1', {}],
    };
    const good = { actors: ['ada', 'ops-*'], addresses: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'], credentials: ['key-1'] };
    expect(read(body({ allow }))).toMatchObject({ frame: { allow: good }, faulty: 7 });
    const snapshot = { type: 'snapshot', snapshot: 's', part: 0, parts: 1 };
    expect(read(body({ ...snapshot, allow }))).toMatchObject({ frame: { allow: good }, faulty: 7 });
  });

  it('tells an absent allow-list from an empty one, and is not misled by rubbish', () => {
    expect(read(body())?.frame).not.toHaveProperty('allow');
    expect(read(body({ allow: { actors: [], addresses: [], credentials: [] } }))?.frame).toHaveProperty('allow');
    for (const allow of ['everybody', [], 7, null]) {
      expect(read(body({ allow }))?.frame).not.toHaveProperty('allow');
      expect(read(body({ allow }))?.faulty).toBe(1);
    }
    const many = Array.from({ length: 20_000 }, (_, index) => `u${index}`);
    expect(read(body({ allow: { actors: many, addresses: [], credentials: [] } }))?.faulty).toBe(10_000);
  });

  it('writes addresses in the one form that callers have', () => {
    const decisions = ['2001:DB8:0::1', '::ffff:192.0.2.7', '2001:DB8:0:0:7::/64'].map((id) =>
      decision({ subject: { type: 'address', id } }),
    );
    expect(decisionsIn(body({ decisions })).map(({ subject }) => subject.id)).toEqual([
      '2001:db8::1',
      '192.0.2.7',
      '2001:db8:0:0:7::/64',
    ]);
  });

  it('holds no decision for longer than a year or so', () => {
    const [held] = decisionsIn(body({ decisions: [decision({ until: Number.MAX_SAFE_INTEGER })] }));
    expect((held?.until ?? Number.NaN) - 1_800_000_000_000).toBeLessThan(368 * 86_400_000);
  });

  it('copies known fields only and pollutes nothing', () => {
    const text = JSON.stringify(body({ decisions: [decision()] })).replace('"action"', '"__proto__":{"polluted":1},"action"');
    const [one] = decisionsIn(JSON.parse(text));
    expect(Object.keys(one ?? {})).not.toContain('__proto__');
    expect(one).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (decisions, lifted) => {
        expect(decisionsIn(body({ decisions: [decisions], lifted: [lifted] })).length).toBeLessThanOrEqual(1);
        readFrame(JSON.stringify(decisions));
      }),
    );
  });
});
