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
