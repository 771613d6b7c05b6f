import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, risk, until } from '../test/fake-plimsoll.js';
import { type Guard, plimsoll } from './guard.js';
import { Risks } from './risks.js';
import { ALLOW } from './verdict.js';

const SERVER = 1_800_000_000_000;
const HALF_LIFE = 1_800_000;
const about = (type: 'actor' | 'credential' | 'address', id: string, score = 0.8) =>
  risk({ subject: { type, id }, score, quietSince: SERVER, since: SERVER - 1 });
const holding = (raised: ReturnType<typeof risk>[], max?: number) => {
  const risks = new Risks(max);
  risks.clock(SERVER, 0);
  risks.change({ raised, gone: [], halfLifeMs: HALF_LIFE, floor: 0.05 });
  return risks;
};

describe('a risk', () => {
  it('is the actor’s or its credential’s, whichever is higher, and an address’s only where nobody is signed in', () => {
    const risks = holding([about('actor', 'ada', 0.3), about('credential', 'cf_1', 0.6), about('address', '192.0.2.7', 0.9)]);
    const of = (caller: object) => risks.of(caller, 0);
    expect(of({ actor: 'ada', ip: '192.0.2.7' })).toEqual({
      risk: { score: 0.3, signals: ['token-theft', 'rate'], since: SERVER - 1 },
      context: { subject: 'actor', alerts: 2, provedAt: null },
    });
    expect(of({ actor: 'ada', credential: 'cf_1' })?.context.subject).toBe('credential');
    expect(of({ actor: 'bob', ip: '192.0.2.7' })).toBeUndefined();
    expect(of({ ip: '192.0.2.7' })?.risk.score).toBe(0.9);
    // Somebody who only claims to be ada burdens nobody with her risk, and is an address.
    expect(of({ actor: 'ada', authenticated: false, ip: '192.0.2.7' })?.context.subject).toBe('address');
    expect(of({ actor: 'ada', authenticated: false })).toBeUndefined();
  });

  it('of an IPv6 address is that of its network', () => {
    const risks = holding([about('address', '2001:db8::/64')]);
    expect(risks.of({ ip: '2001:db8::7' }, 0)?.risk.score).toBe(0.8);
    expect(risks.of({ ip: '2001:db8:0:1::7' }, 0)).toBeUndefined();
  });

  it('fades by the server’s time, whatever the host’s clock says, and is let go', () => {
    const risks = holding([about('actor', 'ada')]);
    expect(risks.of({ actor: 'ada' }, HALF_LIFE)?.risk.score).toBeCloseTo(0.4);
    expect(risks.of({ actor: 'ada' }, 4 * HALF_LIFE)?.risk.score).toBeCloseTo(0.05);
    expect(risks.of({ actor: 'ada' }, 5 * HALF_LIFE)).toBeUndefined();
    risks.clock(SERVER + 5 * HALF_LIFE, 0);
    expect(risks.size).toBe(0);
  });

  it('is bounded in number, and what finds no room is counted', () => {
    const risks = holding(
      Array.from({ length: 12 }, (_, index) => about('actor', `u${index}`)),
      10,
    );
    expect([risks.size, risks.dropped]).toEqual([10, 2]);
    risks.change({
      raised: [about('actor', 'u3', 0.2)],
      gone: [{ type: 'actor', id: 'u4' }],
      halfLifeMs: HALF_LIFE,
      floor: 0.05,
    });
    expect([risks.size, risks.dropped, risks.of({ actor: 'u3' }, 0)?.risk.score]).toEqual([9, 2, 0.2]);
  });

  it('is not fooled by names of objects, and makes no object where there is none', () => {
    const risks = holding([about('actor', '__proto__')]);
    expect(risks.of({ actor: 'constructor' }, 0)).toBeUndefined();
    expect(risks.on(ALLOW, { actor: 'ada' }, 0)).toBe(ALLOW);
    expect(risks.on(ALLOW, { actor: '__proto__' }, 0)).toMatchObject({ verdict: 'allow', risk: { score: 0.8 } });
  });
});

describe('a guard', () => {
  let server: FakePlimsoll;
  let guard: Guard;
  beforeEach(async () => {
    server = await new FakePlimsoll().start();
    guard = plimsoll({ url: server.url, key: KEY, onError: () => undefined });
    await guard.ready(10_000);
  });
  afterEach(async () => {
    await guard.close(0);
    await server.stop();
  });
  const score = (actor = 'mallory') => guard.check({ actor }).risk?.score;

  it('says with a verdict what there is to hold against the caller, and changes none by it', async () => {
    expect(guard.check({ actor: 'mallory' })).toBe(ALLOW);
    server.raise(risk(), risk({ subject: { type: 'actor', id: 'bob' }, score: 0.2 }));
    await until(() => score() !== undefined, 'the risk is here');
    expect(guard.check({ actor: 'mallory' })).toMatchObject({ verdict: 'allow', risk: { score: 0.8 }, context: { alerts: 2 } });
    expect(guard.risk({ actor: 'bob' })?.risk.score).toBe(0.2);
    expect([guard.check({ actor: 'ada' }), guard.risk({ actor: 'ada' })]).toEqual([ALLOW, undefined]);
    server.publish(decision());
    await until(() => guard.stats().decisions === 1, 'the block is here');
    expect(guard.check({ actor: 'mallory' })).toMatchObject({ verdict: 'block', risk: { score: 0.8 } });
    expect(guard.stats()).toMatchObject({ risks: 2, risksDropped: 0 });
    server.raise(risk({ subject: { type: 'actor', id: 'bob' } }));
    await until(() => score() === undefined, 'it is taken back');
    expect(score('bob')).toBe(0.8);
  });

  it('begins anew with each connection', async () => {
    server.raise(risk());
    await until(() => score() !== undefined, 'the risk is here');
    server.risks = [risk({ subject: { type: 'actor', id: 'bob' } })];
    for (const stream of server.streams) stream.destroy();
    await until(() => score('bob') !== undefined, 'the other one is here');
    expect(score()).toBeUndefined();
  });

  it('goes on where a newer server sends what it does not know', async () => {
    const unknown = server.event({ type: 'weather', ...server.place(), sky: 'grey' } as never);
    for (const stream of server.streams) stream.write(unknown);
    server.publish(decision());
    await until(() => guard.check({ actor: 'mallory' }).verdict === 'block', 'the block behind it');
    expect([server.feeds.length, guard.stats().faults.answer]).toEqual([1, 0]);
  });
});
