/** Addresses and accounts one by one: what a person does, and what none does. */
import { describe, expect, it } from 'vitest';
import { failure, HOUR, MINUTE, NOON, played, request, SECOND, success, times, unknown } from '../../../../test/setup/played.js';
import { fromBytes, toBytes } from '../entities/text-bytes.js';
import { Model } from '../index.js';

const HOME = '198.51.100.7';
const FRESH = '203.0.113.66';

describe('a person', () => {
  it('forgets a password: seven tries within a minute, a reset, the right one; on three days', () => {
    const logs = times(3, (day) => [
      ...times(7, (index) => failure(NOON + day * 24 * HOUR + index * 8 * SECOND, FRESH, 'ann')),
      success(NOON + day * 24 * HOUR + 4 * MINUTE, FRESH, 'ann'),
    ]).flat();
    expect(played(logs).opened).toEqual([]);
  });
  it('mistypes twice every hour and puts it right', () => {
    const logs = times(24, (hour) => [
      ...times(2, (index) => failure(NOON + hour * HOUR + index * 5 * MINUTE, HOME, 'ann')),
      success(NOON + hour * HOUR + 15 * MINUTE, HOME, 'ann'),
    ]).flat();
    expect(played(logs).opened).toEqual([]);
  });
  it('has more patience where it is at home, but not without end', () => {
    const known = success(NOON - 2 * HOUR, HOME, 'ann');
    const tries = (count: number) => times(count, (index) => failure(NOON + index * 20 * SECOND, HOME, 'ann'));
    expect(played([known, ...tries(18)]).opened).toEqual([]);
    expect(played(tries(18)).opened).toEqual([`auth-failures ${HOME}`]);
    expect(played([known, ...tries(40)]).opened).toEqual([`auth-failures ${HOME}`]);
  });
  it('is at home still after an update of what was stored in version 2', () => {
    const tries = times(18, (index) => failure(NOON + index * 20 * SECOND, HOME, 'ann'));
    let updated = 0;
    const update = (model: Model) => {
      updated += 1;
      if (updated > 1) return model;
      const next = new Model();
      next.restore(model.takeChanges().puts.map(([key, state]) => [key, key.startsWith('w') ? asVersion2(state) : state]));
      expect(next.unreadable).toBe(0);
      return next;
    };
    expect(played([success(NOON - 2 * HOUR, HOME, 'ann'), ...tries], update).opened).toEqual([]);
  });
});

const asVersion2 = (state: Uint8Array) => {
  const { pace: _, ...rest } = fromBytes(state) as { pace: unknown };
  return toBytes({ ...rest, version: 2 });
};

describe('guessing', () => {
  it('the eleventh try of an hour is found', () => {
    const { findings } = played(times(11, (index) => failure(NOON + index * MINUTE, FRESH, 'ann')));
    expect(findings.map(({ observed, limit }) => [observed, limit])).toEqual([[11, 10]]);
  });
  it('six tries within twenty seconds are, five are not, where somebody has signed in before', () => {
    const known = success(NOON - 60 * HOUR, FRESH, 'bob');
    const tries = (count: number) => times(count, (index) => failure(NOON + index * 3500, FRESH, 'ann'));
    expect(played([known, ...tries(6)]).findings[0]).toMatchObject({ observed: 6, limit: 5, windowSeconds: 20 });
    expect(played([known, ...tries(5)]).opened).toEqual([]);
  });
  it('five tries within sixteen seconds are from where nobody ever signed in; four are not, nor five at a pace of people', () => {
    const tries = (count: number, gap: number) => times(count, (index) => failure(NOON + index * gap, FRESH, 'ann'));
    expect(played(tries(5, 3500)).findings[0]).toMatchObject({ observed: 5, limit: 4, windowSeconds: 16 });
    expect(played(tries(4, 3500)).opened).toEqual([]);
    expect(played(tries(5, 4200)).opened).toEqual([]);
  });
  it('a try each ten minutes is found by the ninth', () => {
    const { findings } = played(times(12, (index) => failure(NOON + index * 10 * MINUTE, FRESH, 'ann')));
    expect(findings[0]).toMatchObject({ observed: 9, limit: 8, unit: 'attempts to sign in', windowSeconds: 86_400 });
    expect(findings[0]?.explanation).toBe(
      `9 separate failed attempts a day on POST /login from ${FRESH} as 1 account, none succeeded; at 8 or fewer there would be no alert.`,
    );
    expect(findings.filter(({ phase }) => phase === 'opened')).toHaveLength(1);
  });
  it("an account of the attacker's own does not wipe the slate", () => {
    const logs = times(6, (round) => [
      ...times(4, (index) => failure(NOON + round * 4 * MINUTE + index * 30 * SECOND, FRESH, 'ann')),
      success(NOON + round * 4 * MINUTE + 150 * SECOND, FRESH, 'mallory'),
    ]).flat();
    expect(played(logs).opened).toEqual([`auth-failures ${FRESH}`]);
  });
  it('one-time codes within a session are told of the account, though its password was mistyped before', () => {
    const session = { actor: 'ann', credential: 'session-1', method: 'POST', route: '/login/code' };
    const logs = [
      failure(NOON - 3 * HOUR, HOME, 'ann'),
      success(NOON, FRESH, 'ann'),
      ...times(20, (index) => request(NOON + (index + 1) * 30 * SECOND, FRESH, { ...session, status: 422, auth: 'failure' })),
    ];
    const { opened, findings } = played(logs);
    expect(opened).toEqual(['auth-failures ann']);
    expect(findings[0]).toMatchObject({ verified: true, observed: 11, addresses: [FRESH] });
  });
  it('five wrong codes within twenty seconds are guesses, four are not', () => {
    const session = { actor: 'ann', credential: 'session-1', method: 'POST', route: '/login/code' };
    const codes = (count: number) =>
      times(count, (index) => request(NOON + index * 4 * SECOND, FRESH, { ...session, status: 422, auth: 'failure' }));
    expect(played(codes(5)).findings[0]).toMatchObject({ observed: 5, limit: 4, windowSeconds: 20, subject: { id: 'ann' } });
    expect(played(codes(4)).opened).toEqual([]);
  });
  it('the account is not accused of what its attacker is, when its owner mistypes elsewhere', () => {
    const logs = [...times(60, (index) => failure(NOON + index * SECOND, FRESH, 'ann')), failure(NOON + 5 * MINUTE, HOME, 'ann')];
    expect(played(logs).opened).toEqual([`auth-failures ${FRESH}`]);
  });
  it('codes answered 401 are guesses too, whatever token the session has', () => {
    const half = { actor: 'ann', credential: 'half-open', method: 'POST', route: '/auth/otp', status: 401, authenticated: false };
    const logs = times(20, (index) => request(NOON + index * 30 * SECOND, FRESH, half));
    expect(played(logs).opened).toEqual([`auth-failures ${FRESH}`]);
  });
  it('what a bouncer refuses there afterwards is no second alert', () => {
    const logs = [
      ...times(20, (index) => failure(NOON + index * SECOND, FRESH, 'ann')),
      ...times(400, (index) => {
        const { auth: _, ...bare } = failure(NOON + 20 * SECOND + index * 100, FRESH, 'ann');
        return { ...bare, status: 429, verdict: 'throttle' as const };
      }),
    ];
    expect(played(logs).opened).toEqual([`auth-failures ${FRESH}`]);
  });
  it('thumbnails behind a session that ran out are no guesses', () => {
    const logs = times(20, (index) =>
      request(NOON + index * 10, HOME, { path: `/images/${index}`, route: '/images/:id', status: 401 }),
    );
    expect(played(logs).opened).toEqual([]);
  });
});

describe('probing', () => {
  const walk = (count: number, everyMs: number) =>
    times(count, (index) => unknown(NOON + index * everyMs, FRESH, `/x${index}/old.php`));
  it('who finds nothing in three hours is found by the sixteenth path', () => {
    const { findings } = played(walk(30, 6 * MINUTE));
    expect(findings[0]).toMatchObject({ kind: 'probing', observed: 16, limit: 15, windowSeconds: 86_400 });
    expect(findings.filter(({ phase }) => phase === 'opened')).toHaveLength(1);
  });
  it('the fifth path within a minute that only tools ask for is enough', () => {
    const paths = ['/.env', '/backup.zip', '/wp-login.php', '/.git/config', '/db.sql'];
    const scan = (count: number) => times(count, (index) => unknown(NOON + index * 4 * SECOND, FRESH, paths[index] ?? ''));
    const { opened, findings } = played(scan(5));
    expect(opened).toEqual([`probing ${FRESH}`]);
    expect(findings[0]).toMatchObject({ observed: 5, limit: 4, windowSeconds: 60 });
    expect(findings[0]?.explanation).toBe(
      `5 unknown paths a minute tried by ${FRESH}, 5 of them such as only attack tools ask for, of 5 requests in all; at 4 or fewer there would be no alert.`,
    );
    expect(played(scan(4)).opened).toEqual([]);
  });
  it('ten dead links in a minute are not, nor what a browser asks for unbidden', () => {
    const asked = ['/favicon.ico', '/apple-touch-icon.png', '/robots.txt', '/.well-known/security.txt', '/ads.txt'];
    const dead = times(5, (index) => `/help/article-${'abcde'[index]}`);
    expect(played([...asked, ...dead].map((path, index) => unknown(NOON + index * 5 * SECOND, HOME, path))).opened).toEqual([]);
  });
  it('old pages that a visitor asks for among many that are there are no scan', () => {
    const found = times(40, (index) => request(NOON + index * 500, HOME, { route: '/p/:id' }));
    const old = times(6, (index) => unknown(NOON + 20 * SECOND + index * SECOND, HOME, `/shop/${'abcdef'[index]}.php`));
    expect(played([...found, ...old]).opened).toEqual([]);
  });
  it('a crawler that finds more than it misses is not, though it misses forty in a day', () => {
    const crawl = times(40, (index) =>
      times(20, (page) => request(NOON + index * 30 * MINUTE + page * SECOND, FRESH, { route: '/p/:id' })),
    );
    expect(played([...walk(40, 30 * MINUTE), ...crawl.flat()]).opened).toEqual([]);
  });
  it('forty missing files of one folder are one', () => {
    const logs = times(40, (index) => unknown(NOON + index * 100, HOME, `/assets/chunk-${index}x.js`));
    expect(played(logs).opened).toEqual([]);
  });
});
