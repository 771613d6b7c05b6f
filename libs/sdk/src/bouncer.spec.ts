import type { FeedDecision } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decision } from '../test/fake-plimsoll.js';
import { Bouncer, type Caller } from './bouncer.js';
import { Routes } from './routes.js';
import { burstOf } from './throttle.js';

const SERVER = 1_800_000_000_000;
const holding = (decisions: FeedDecision[], max?: number) => {
  const bouncer = new Bouncer(new Routes(), max);
  return all(bouncer, decisions);
};
const all = (bouncer: Bouncer, decisions: FeedDecision[]) => {
  bouncer.clock(SERVER, 0);
  bouncer.begin();
  bouncer.put(decisions);
  bouncer.end();
  return bouncer;
};
const made = (change: Partial<FeedDecision> = {}) => decision({ until: SERVER + 60_000, ...change });
const slow = { requests: 1, windowSeconds: 60 };
const mallory: Caller = { actor: 'mallory', credential: 'cf_1', ip: '192.0.2.7', method: 'GET', path: '/orders/7' };

describe('precedence', () => {
  const subjects = ['actor', 'credential', 'address'] as const;
  const ids = { actor: ['mallory', 'bob'], credential: ['cf_1', 'cf_2'], address: ['192.0.2.7', '192.0.2.8'] };
  const anyDecision = fc
    .record({
      type: fc.constantFrom(...subjects),
      other: fc.boolean(),
      action: fc.constantFrom('block', 'challenge', 'throttle'),
      endpoint: fc.constantFrom(null, 'GET /orders/:id', 'POST /orders/:id', 'GET /other'),
      ended: fc.boolean(),
    })
    .map(({ type, other, action, endpoint, ended }) =>
      made({
        action,
        rate: action === 'throttle' ? slow : null,
        subject: { type, id: ids[type][other ? 1 : 0] ?? '' },
        endpoint,
        until: ended ? SERVER - 1 : SERVER + 60_000,
      }),
    );

  it('equals a plain reading of the rules, for any decisions', () => {
    fc.assert(
      fc.property(
        fc.array(anyDecision, { maxLength: 12 }),
        fc.constantFrom(true, false, undefined),
        fc.boolean(),
        (decisions, authenticated, proving) => {
          const bouncer = holding(decisions);
          const caller = { ...mallory, authenticated, proving };
          const inForce = (type: (typeof subjects)[number], action: string) =>
            decisions.some(
              (one) =>
                one.subject.type === type &&
                one.subject.id === ids[type][0] &&
                one.action === action &&
                one.until > SERVER &&
                (one.endpoint === null || one.endpoint === 'GET /orders/:id') &&
                (type !== 'actor' || authenticated !== false),
            );
          const named = (id: string) => decisions.find((one) => one.id === id)?.subject.type;
          // A slow throttle admits one request: the second shows it.
          const first = bouncer.check(caller, 0);
          const second = bouncer.check(caller, 1);
          const blocking = subjects.find((type) => inForce(type, 'block'));
          const challenging = proving ? undefined : subjects.find((type) => inForce(type, 'challenge'));
          const throttling = subjects.find((type) => inForce(type, 'throttle'));
          if (blocking || challenging) {
            for (const verdict of [first, second]) expect(verdict.verdict).toBe(blocking ? 'block' : 'challenge');
            if (first.verdict !== 'allow') expect(named(first.decisionId ?? '')).toBe(blocking ?? challenging);
          } else {
            expect(first.verdict).toBe('allow');
            expect(second.verdict).toBe(throttling ? 'throttle' : 'allow');
            if (second.verdict === 'throttle') expect(named(second.decisionId ?? '')).toBe(throttling);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never refuses by an actor that is only claimed', () => {
    const bouncer = holding([made()]);
    expect(bouncer.check({ actor: 'mallory', authenticated: false }, 0).verdict).toBe('allow');
    expect(bouncer.check({ actor: 'mallory' }, 0).verdict).toBe('block');
  });

  it('is not fooled by names of objects', () => {
    const bouncer = holding([made({ subject: { type: 'actor', id: '__proto__' } })]);
    expect(bouncer.check({ actor: '__proto__' }, 0).verdict).toBe('block');
    for (const actor of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(bouncer.check({ actor }, 0).verdict).toBe('allow');
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('the time of a decision', () => {
  it('ends by the server, whatever the clock of the host says', () => {
    const bouncer = holding([made()]);
    expect(bouncer.check(mallory, 59_999).verdict).toBe('block');
    expect(bouncer.check(mallory, 60_000).verdict).toBe('allow');
  });

  it('is corrected by each answer, as after a sleep', () => {
    const bouncer = holding([made()]);
    bouncer.clock(SERVER + 3_600_000, 10);
    expect(bouncer.check(mallory, 11).verdict).toBe('allow');
    expect(bouncer.size).toBe(0);
  });
});

const delta = (bouncer: Bouncer, decisions: FeedDecision[], lifted: string[] = []) => {
  bouncer.lift(lifted);
  bouncer.put(decisions);
};

describe('feed answers', () => {
  it('add, replace and lift; a full one forgets the rest', () => {
    const block = made();
    const bouncer = holding([block]);
    const other = made({ subject: { type: 'address', id: '192.0.2.7' } });
    delta(bouncer, [other]);
    expect(bouncer.size).toBe(2);
    delta(bouncer, [{ ...block, version: 9_999, action: 'throttle', rate: slow }], [other.id]);
    expect(bouncer.check(mallory, 0).verdict).toBe('allow');
    expect(bouncer.check(mallory, 1).verdict).toBe('throttle');
    all(bouncer, [other]);
    expect(bouncer.size).toBe(1);
    expect(bouncer.check(mallory, 2)).toMatchObject({ verdict: 'block', decisionId: other.id });
  });

  it('do not go back to an older version of a decision', () => {
    const block = made({ version: 10 });
    const bouncer = holding([block]);
    delta(bouncer, [{ ...block, version: 9, until: SERVER + 1 }]);
    expect(bouncer.check(mallory, 1_000).verdict).toBe('block');
  });

  it('give no fresh burst to a throttle that is prolonged', () => {
    const throttle = made({ action: 'throttle', rate: slow });
    const bouncer = holding([throttle]);
    bouncer.check(mallory, 0);
    delta(bouncer, [{ ...throttle, version: 9_999, until: SERVER + 120_000 }]);
    expect(bouncer.check(mallory, 1).verdict).toBe('throttle');
  });

  it('are cut at the cap: the newest stay, also for one subject', () => {
    const many = Array.from({ length: 50 }, (_, index) =>
      made({ version: index + 1, subject: { type: 'actor', id: `a${index}` } }),
    );
    const bouncer = holding(many.toReversed(), 20);
    expect([bouncer.size, bouncer.dropped]).toEqual([20, 30]);
    expect(bouncer.check({ actor: 'a49' }, 0).verdict).toBe('block');
    expect(bouncer.check({ actor: 'a29' }, 0).verdict).toBe('allow');
    const same = holding(Array.from({ length: 200 }, () => made()));
    expect([same.size, same.dropped]).toEqual([64, 136]);
  });
});

describe('the room for one subject', () => {
  const throttleAt = (index: number) =>
    made({ version: 1_000 + index, action: 'throttle', rate: slow, endpoint: `GET /e${index}` });

  it('keeps a block, whatever number of newer throttles on other endpoints comes', () => {
    const block = made({ version: 1 });
    const bouncer = holding([block]);
    delta(
      bouncer,
      Array.from({ length: 300 }, (_, index) => throttleAt(index)),
    );
    expect([bouncer.size, bouncer.dropped]).toEqual([64, 237]);
    expect(bouncer.check(mallory, 0)).toMatchObject({ verdict: 'block', decisionId: block.id });
  });

  it('keeps what holds everywhere before what holds on one endpoint, and blocks before throttles', () => {
    const everywhere = made({ version: 1, action: 'throttle', rate: slow });
    const onOne = made({ version: 2, endpoint: 'GET /orders/:id' });
    const bouncer = holding([everywhere, onOne, ...Array.from({ length: 200 }, (_, index) => throttleAt(index))]);
    expect(bouncer.check(mallory, 0)).toMatchObject({ verdict: 'block', decisionId: onOne.id });
    bouncer.lift([onOne.id]);
    bouncer.check(mallory, 0);
    expect(bouncer.check(mallory, 1)).toMatchObject({ verdict: 'throttle', decisionId: everywhere.id });
  });

  it('in all of the store goes to blocks before throttles, then to the newest', () => {
    const blocks = Array.from({ length: 10 }, (_, index) =>
      made({ version: index, subject: { type: 'actor', id: `b${index}` } }),
    );
    const throttles = Array.from({ length: 50 }, (_, index) =>
      made({ version: 100 + index, action: 'throttle', rate: slow, subject: { type: 'actor', id: `t${index}` } }),
    );
    const bouncer = holding([...blocks, ...throttles], 20);
    expect([bouncer.size, bouncer.dropped]).toEqual([20, 40]);
    for (const { subject } of blocks) expect(bouncer.check({ actor: subject.id }, 0).verdict).toBe('block');
    bouncer.check({ actor: 't49' }, 0);
    expect(bouncer.check({ actor: 't49' }, 1).verdict).toBe('throttle');
  });

  it('is bounded in bytes, too', () => {
    const bouncer = new Bouncer(new Routes());
    bouncer.clock(SERVER, 0);
    const reason = 'x'.repeat(200);
    for (let page = 0; page < 25; page += 1) {
      bouncer.put(
        Array.from({ length: 1_000 }, (_, index) => {
          const serial = page * 1_000 + index;
          return made({ version: serial, subject: { type: 'actor', id: `${serial}-${'y'.repeat(750)}` }, reason });
        }),
      );
    }
    expect(bouncer.size).toBeGreaterThan(13_000);
    expect(bouncer.size).toBeLessThan(16_000);
    expect(bouncer.size + bouncer.dropped).toBe(25_000);
    expect(bouncer.check({ actor: `24999-${'y'.repeat(750)}` }, 0).verdict).toBe('block');
    expect(bouncer.check({ actor: `0-${'y'.repeat(750)}` }, 0).verdict).toBe('allow');
  });
});

describe('throttles', () => {
  const rate = fc.record({
    requests: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0.2, max: 500, noNaN: true })),
    windowSeconds: fc.integer({ min: 1, max: 120 }),
  });

  it('admit at most limit + burst in any window, for any arrivals', () => {
    fc.assert(
      fc.property(rate, fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 400 }), (limit, gaps) => {
        const bouncer = holding([made({ action: 'throttle', rate: limit, until: SERVER + 10 ** 9 })]);
        let now = 0;
        const admitted: number[] = [];
        for (const gap of gaps) {
          now += gap;
          if (bouncer.check(mallory, now).verdict === 'allow') admitted.push(now);
        }
        const windowMs = limit.windowSeconds * 1000;
        let start = 0;
        for (const [index, at] of admitted.entries()) {
          while ((admitted[start] ?? 0) <= at - windowMs) start += 1;
          expect(index - start + 1).toBeLessThanOrEqual(Math.ceil(limit.requests) + burstOf(limit));
        }
        expect(admitted.length).toBeGreaterThan(0);
      }),
    );
  });

  it('let those through who wait as long as they are told', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 30 }), (limit, tries) => {
        const bouncer = holding([made({ action: 'throttle', rate: limit, until: SERVER + 10 ** 9 })]);
        let now = 0;
        for (let index = 0; index < tries; index += 1) {
          const verdict = bouncer.check(mallory, now);
          if (verdict.verdict !== 'throttle') continue;
          now += verdict.retryAfterSeconds * 1000;
          expect(bouncer.check(mallory, now).verdict).toBe('allow');
        }
      }),
    );
  });

  it('hold together: what one of them refuses is not counted against the others', () => {
    const actor = made({ action: 'throttle', rate: { requests: 10, windowSeconds: 10 } });
    const address = made({ action: 'throttle', rate: slow, subject: { type: 'address', id: '192.0.2.7' } });
    const bouncer = holding([actor, address]);
    const verdicts = Array.from({ length: 20 }, () => bouncer.check(mallory, 0));
    expect(verdicts.filter(({ verdict }) => verdict === 'allow')).toHaveLength(1);
    expect(verdicts[5]).toMatchObject({ verdict: 'throttle', decisionId: address.id, retryAfterSeconds: 60 });
    // From elsewhere the actor's own allowance is still nearly whole: a burst of 5, one of them spent.
    const elsewhere = Array.from({ length: 20 }, () => bouncer.check({ ...mallory, ip: '192.0.2.9' }, 0));
    expect(elsewhere.filter(({ verdict }) => verdict === 'allow')).toHaveLength(4);
  });
});

describe('an IPv6 address', () => {
  const on = (id: string) => holding([made({ subject: { type: 'address', id } })]);
  it('is one with its network of 64 bits, an IPv4 address stands alone', () => {
    const six = on('2001:db8:1:2::7');
    for (const ip of ['2001:db8:1:2::7', '2001:db8:1:2::8', '2001:db8:1:2:a:b:c:d'])
      expect(six.check({ ip }, 0).verdict, ip).toBe('block');
    for (const ip of ['2001:db8:1:3::7', '2001:db8:1::2', '192.0.2.7']) expect(six.check({ ip }, 0).verdict, ip).toBe('allow');
    const four = on('192.0.2.7');
    expect([four.check({ ip: '192.0.2.7' }, 0).verdict, four.check({ ip: '192.0.2.8' }, 0).verdict]).toEqual(['block', 'allow']);
  });
  it('is let in again where its decision is lifted', () => {
    const bouncer = on('2001:db8::1');
    all(bouncer, []);
    expect(bouncer.check({ ip: '2001:db8::1' }, 0).verdict).toBe('allow');
  });
});
