/** Who is on the allow-list, in the bouncer, against decisions on its actor, its credential and its address. */
import type { FeedDecision } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { decision } from '../test/fake-plimsoll.js';
import { Bouncer, type Caller } from './bouncer.js';
import { Routes } from './routes.js';

const SERVER = 1_800_000_000_000;
const made = (change: Partial<FeedDecision>) => decision({ until: SERVER + 60_000, ...change });
const mallory: Caller = { actor: 'mallory', credential: 'cf_1', ip: '192.0.2.7', method: 'GET', path: '/orders/7' };

const everyone = [
  made({ id: 'dec_a', subject: { type: 'actor', id: 'mallory' } }),
  made({ id: 'dec_c', subject: { type: 'credential', id: 'cf_1' } }),
  made({ id: 'dec_i', subject: { type: 'address', id: '192.0.2.7' } }),
  made({ id: 'dec_6', subject: { type: 'address', id: '2001:db8:0:7::/64' } }),
];

const holding = () => {
  const bouncer = new Bouncer(new Routes());
  bouncer.clock(SERVER, 0);
  bouncer.put(everyone);
  return bouncer;
};

describe('the allow-list', () => {
  const listing = (fields: object) => {
    const bouncer = holding();
    bouncer.allow({ actors: [], addresses: [], credentials: [], ...fields });
    return (caller: Caller) => bouncer.check(caller, 0).verdict;
  };

  it.each([
    ['its actor', { actors: ['mallory'] }],
    ['the beginning of its actor', { actors: ['mal*'] }],
    ['its credential', { credentials: ['cf_1'] }],
    ['its address', { addresses: ['192.0.2.7'] }],
    ['its range', { addresses: ['192.0.2.0/24'] }],
    ['its range, mapped', { addresses: ['::ffff:192.0.2.0/120'] }],
  ])('wins over every decision, by %s', (_, fields) => {
    const check = listing(fields);
    expect(check(mallory)).toBe('allow');
    expect(check({ actor: 'eve', ip: '2001:db8:0:7::1' })).toBe('block');
  });

  it('goes by all that is known of the caller, where it is asked about again by its actor alone', () => {
    const check = listing({ addresses: ['192.0.2.0/24'] });
    expect(check({ actor: 'mallory', path: '/orders/7' })).toBe('block');
    expect(check({ actor: 'mallory', path: '/orders/7', whole: mallory })).toBe('allow');
  });

  it('lets one address of a network through that is held', () => {
    const check = listing({ addresses: ['2001:db8:0:7::5'] });
    expect([check({ ip: '2001:db8:0:7::5' }), check({ ip: '2001:db8:0:7::6' })]).toEqual(['allow', 'block']);
  });

  it('knows an actor only where it is verified, so that nobody passes by its name', () => {
    const check = listing({ actors: ['ops'] });
    expect(check({ actor: 'ops', ip: '192.0.2.7' })).toBe('allow');
    expect(check({ actor: 'ops', ip: '192.0.2.7', authenticated: false })).toBe('block');
  });

  it('is replaced as a whole', () => {
    const bouncer = holding();
    bouncer.allow({ actors: ['mallory'], addresses: [], credentials: [] });
    bouncer.allow({ actors: ['ops'], addresses: [], credentials: [] });
    expect(bouncer.check(mallory, 0).verdict).toBe('block');
    bouncer.allow({ actors: [], addresses: [], credentials: [] });
    expect(bouncer.check({ ...mallory, actor: 'ops' }, 0).verdict).toBe('block');
  });
});
