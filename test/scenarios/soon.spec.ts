/**
 * What is told within seconds, in the midst of a service's ordinary life, and beside each what looks like it and is let pass.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import { Play } from './play.js';
import { failure, HOUR, inOrder, MINUTE, ordinary, request, SECOND, START, success } from './traffic.js';

// Tens of thousands of logs each: a second or two alone, more beside other work.
vi.setConfig({ testTimeout: 60_000 });

const MORNING = START + 8 * HOUR;
const NOON = START + 12 * HOUR;

const asked = (ip: string, paths: readonly string[], everySeconds: number) =>
  paths.map((path, index) => request(NOON + index * everySeconds * SECOND, { path, status: 404, ip }));
const tries = (ip: string, count: number, everyMs: number) =>
  Array.from({ length: count }, (_, index) => failure(NOON + 5 * MINUTE + index * everyMs, ip, 'person-4'));
const codes = (ip: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    request(NOON + 10 * MINUTE + index * 4 * SECOND, {
      method: 'POST',
      route: '/login/code',
      path: '/login/code',
      status: 422,
      auth: 'failure',
      ip,
      actor: 'person-5',
      credential: 'half-open',
    }),
  );
/** A customer after the other, from one that nobody has asked for. */
const neighbours = (actor: string, count: number, everyMs: number) =>
  Array.from({ length: count }, (_, index) =>
    request(NOON + 15 * MINUTE + index * everyMs, {
      route: '/customers/:id',
      path: `/customers/${900_000 + index}`,
      actor,
      ip: '203.0.0.7',
    }),
  );

const opened = (...logs: RequestLog[][]) =>
  new Play()
    .play(ordinary(7, MORNING, 4))
    .play(inOrder(logs.flat()))
    .rest(NOON + 3 * HOUR)
    .opened();

describe('within seconds', () => {
  const found = opened(
    asked('45.77.9.1', ['/.env', '/backup.zip', '/wp-login.php', '/.git/config', '/db.sql'], 4),
    tries('45.77.9.2', 6, 3_500),
    codes('45.77.9.3', 5),
    neighbours('person-7', 60, 1_000),
  );
  it.each([
    ['a scan, at its fifth path', 'probing 45.77.9.1', NOON, 16],
    ['a password guessed at, at the sixth try', 'auth-failures 45.77.9.2', NOON + 5 * MINUTE, 18],
    ['a one-time code guessed at, at the fifth', 'auth-failures person-5', NOON + 10 * MINUTE, 16],
    ['a walk from neighbour to neighbour', 'enumeration person-7', NOON + 15 * MINUTE, 50],
  ])('%s', (_, what, from, seconds) => {
    const finding = found.find(({ kind, subject }) => `${kind} ${subject.id}` === what);
    expect(((finding?.ts ?? Number.NaN) - from) / SECOND).toBeLessThanOrEqual(seconds);
  });
  it('and nothing else', () => expect(found).toHaveLength(4));
});

describe('is let pass', () => {
  it('dead links, a password mistyped and found, a code read twice too often, a page of customers fetched at once', () => {
    const links = ['/favicon.ico', '/robots.txt', '/.well-known/security.txt', '/help/old', '/help/older', '/help/oldest'];
    const mistyped = [...tries('203.0.0.90', 5, 4_000), success(NOON + 7 * MINUTE, '203.0.0.90', 'person-4')];
    expect(opened(asked('203.0.0.91', links, 4), mistyped, codes('203.0.0.5', 3), neighbours('person-7', 20, 200))).toEqual([]);
  });
});
