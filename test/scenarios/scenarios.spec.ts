/**
 * Golden replays: what the model says about a service's ordinary life, and about each attack in the midst of it. They are
 * documentation too: the sentences are what people read.
 */
import { describe, expect, it, vi } from 'vitest';
import { ATTACKER, bruteForce, distributedGuessing, flood, probing, stuffing, surge } from './attacks.js';
import { Play } from './play.js';
import {
  failure,
  HOUR,
  inOrder,
  integration,
  MINUTE,
  ordinary,
  people,
  randomFrom,
  request,
  SECOND,
  START,
  success,
} from './traffic.js';

// Tens of thousands of logs each: a second or less alone, more beside other work.
vi.setConfig({ testTimeout: 60_000 });

const MORNING = START + 8 * HOUR;
const NOON = START + 12 * HOUR;
const morning = ordinary(7, MORNING, 4);
/** Ordinary life until noon, then the attack, then quiet. */
const replay = (attack: Parameters<Play['play']>[0]) =>
  new Play()
    .play(morning)
    .play(attack)
    .rest((attack.at(-1)?.ts ?? NOON) + 2 * HOUR);
const said = (play: Play) => play.opened().map(({ kind, subject }) => `${kind} ${subject.id}`);

describe('ordinary life raises nothing', () => {
  it.each([1, 2])('eight hours of people, machines, a crawler and an office, seed %i', (seed) => {
    const logs = ordinary(seed, MORNING, 8);
    expect(logs.length).toBeGreaterThan(50_000);
    expect(new Play().play(logs).findings).toEqual([]);
  });
  it('a nightly batch in its third night', () => {
    const nights = [0, 1, 2].flatMap((night) => {
      const from = START + night * 24 * HOUR + 2 * HOUR;
      return integration('nightly-export', '198.51.100.40', '/orders', from, from + 20 * MINUTE, 1000, 2);
    });
    expect(new Play().play(nights).opened()).toEqual([]);
  });
  it('a password mistyped four times, then right', () => {
    const tries = [0, 6, 13, 21].map((second) => failure(NOON + second * SECOND, '203.0.0.4', 'person-4'));
    expect(replay([...tries, success(NOON + 30 * SECOND, '203.0.0.4', 'person-4')]).findings).toEqual([]);
  });
  it('a client that retries one expired token for an hour', () => {
    const retries = Array.from({ length: 360 }, (_, index) =>
      request(NOON + index * 10 * SECOND, {
        route: '/status',
        status: 401,
        ip: '203.0.0.9',
        credential: 'expired',
        authenticated: false,
      }),
    );
    expect(replay(retries).findings).toEqual([]);
  });
  it('a page whose eight parallel calls meet an expired session', () => {
    const calls = Array.from({ length: 8 }, (_, index) =>
      request(NOON + index * 20, { route: `/widget-${index}`, status: 401, ip: '203.0.0.9', authenticated: false }),
    );
    expect(replay(calls).findings).toEqual([]);
  });
  it('everybody retries in an outage', () => {
    const logs = surge(NOON);
    expect(logs.length).toBeGreaterThan(30_000);
    // The outage may be told of the service, nobody is blamed for it.
    expect(replay(logs).findings.filter(({ kind }) => kind !== 'endpoint-health')).toEqual([]);
  });
});

describe('what most actors do is the norm', () => {
  /** A page that makes sixty calls to one endpoint, opened by everybody now and then. */
  const pages = (from: number, minutes: number) =>
    inOrder(
      people(60).flatMap(({ actor, ip }, index) =>
        Array.from(
          { length: Math.floor(minutes / 5) },
          (_, visit) => from + (visit * 5 + (index % 5)) * MINUTE + index * 700,
        ).flatMap((ts) =>
          Array.from({ length: 60 }, (__, call) =>
            request(ts + call * 15, { route: '/thumbs/:id', path: `/thumbs/${call}`, actor, ip }),
          ),
        ),
      ),
    );
  it('a chatty page accuses nobody, not even its first visitors', () => {
    expect(new Play().play(pages(NOON, 120)).opened()).toEqual([]);
  });
  it('but a campaign against a known endpoint does not become the norm', () => {
    const bots = people(20, 'bot');
    const campaign = inOrder(bots.flatMap((bot) => flood(NOON + 10 * SECOND, bot, 20, 300)));
    const play = replay(campaign);
    expect(said(play).sort()).toEqual(['flood GET /invoices/:id', ...bots.map(({ actor }) => `rate ${actor}`).sort()]);
  });
});

describe('an attack is one finding', () => {
  it('flood: found within two seconds, worse as it lasts, ended when it is over', () => {
    const play = replay(flood(NOON, { actor: 'person-3', ip: '203.0.0.3' }));
    expect(said(play)).toEqual(['rate person-3']);
    const [opened] = play.opened();
    expect(opened).toMatchObject({
      endpoint: 'GET /invoices/:id',
      windowSeconds: 10,
      unit: 'requests',
      verified: true,
      severity: 'low',
    });
    expect((opened?.ts ?? 0) - NOON).toBeLessThan(2 * SECOND);
    expect(opened?.explanation).toMatch(
      /^\d+ requests in 10 seconds on GET \/invoices\/:id; its own norm is .+, everyone's is .+; at \d+ or fewer there would be no alert\.$/,
    );
    expect(opened?.observed).toBe((opened?.limit ?? 0) + 1);
    expect(opened?.points.at(-1)).toEqual({
      ts: opened?.ts,
      observed: opened?.observed,
      expected: opened?.expected,
      limit: opened?.limit,
      population: expect.any(Number),
    });
    // What the sentence says of everyone is what the chart draws.
    const everyone = Number(/everyone's is ([\d.]+)/.exec(opened?.explanation ?? '')?.[1]);
    expect(opened?.points.at(-1)?.population).toBeCloseTo(everyone, 0);
    expect(play.findings.map(({ severity }) => severity).at(-1)).toBe('high');
    expect(play.findings.at(-1)).toMatchObject({ phase: 'ended', logId: opened?.logId });
  });
  it('a flood in the midst of a surge is still found', () => {
    const attack = inOrder(
      [...surge(NOON), ...flood(NOON + 30 * SECOND, { actor: 'person-3', ip: '203.0.0.3' }, 400, 30)].map((log) => ({
        ...log,
        route: '/products/:id',
      })),
    );
    expect(said(replay(attack)).filter((text) => !text.startsWith('endpoint-health'))).toEqual(['rate person-3']);
  });
  it('a flood by somebody never seen, on a service never seen', () => {
    const play = new Play().play(flood(NOON, { actor: 'stranger', ip: ATTACKER }, 60, 5)).rest(NOON + HOUR);
    expect(said(play)).toEqual(['rate stranger']);
    expect(play.opened()[0]).toMatchObject({ limit: 160, evidence: { own: 0, population: 0, weight: 0 } });
  });
  it('sustained: a pace that no single minute would give away', () => {
    const steady = Array.from({ length: 5400 }, (_, index) =>
      request(NOON + index * 2 * SECOND, { route: '/search', path: '/search', actor: 'person-5', ip: '203.0.0.5' }),
    );
    const play = replay(steady);
    expect(said(play)).toEqual(['rate person-5']);
    expect(play.opened()[0]?.windowSeconds).toBe(3600);
  });
  it('brute force, fast: by the fifth try', () => {
    const play = replay(bruteForce(NOON, 40, SECOND));
    expect(said(play)).toEqual([`auth-failures ${ATTACKER}`]);
    expect(play.opened()[0]).toMatchObject({
      observed: 5,
      limit: 4,
      windowSeconds: 16,
      severity: 'medium',
      actors: ['person-4'],
    });
    expect(play.opened()[0]?.explanation).toBe(
      `5 failed sign-ins in 16 seconds on POST /login from ${ATTACKER} as 1 account, none succeeded; at 4 or fewer there would be no alert.`,
    );
  });
  it('brute force, one try in two minutes', () => {
    const play = replay(bruteForce(NOON, 40, 2 * MINUTE));
    expect(said(play)).toEqual([`auth-failures ${ATTACKER}`]);
    expect((play.opened()[0]?.ts ?? 0) - NOON).toBeLessThanOrEqual(20 * MINUTE);
  });
  it('one account guessed at from twenty addresses', () => {
    const play = replay(distributedGuessing(NOON, 40, 30 * SECOND));
    expect(said(play)).toEqual(['auth-failures person-4']);
    expect(play.opened()[0]).toMatchObject({ verified: false, subject: { type: 'actor' } });
    expect(play.opened()[0]?.addresses?.length).toBeGreaterThan(10);
  });
  it('credential stuffing', () => {
    const play = replay(stuffing(NOON, 60, 3 * SECOND));
    expect(said(play)).toEqual([`credential-stuffing ${ATTACKER}`]);
    expect(play.opened()[0]).toMatchObject({ observed: 7, severity: 'high', endpoint: 'POST /login' });
  });
  it('probing', () => {
    const play = replay(probing(NOON, 60, 1500));
    expect(said(play)).toEqual([`probing ${ATTACKER}`]);
    // Server scripts that are not there: five are as good as eleven dead links.
    expect(play.opened()[0]?.observed).toBe(5);
  });
  it('probing goes on as one finding: dead paths tried again, and refusals, excuse nothing', () => {
    // Thirteen words make 169 paths; ten a second for five minutes try each many times.
    const again = probing(NOON, 3000, 100);
    const refused = again.map((log, index) =>
      index % 20 === 0 || index < 30 ? log : { ...log, status: 429, verdict: 'throttle' as const },
    );
    for (const logs of [again, refused]) {
      const found = replay(logs).findings.filter(({ kind }) => kind === 'probing');
      expect(found.filter(({ phase }) => phase === 'opened')).toHaveLength(1);
      expect((found.at(-1)?.ts ?? 0) - NOON).toBeGreaterThan(5 * MINUTE);
      const held = ['4, then 30', '30, then 1800'];
      for (const { limit, rate } of found) expect(held).toContain(`${limit}, then ${rate?.requests}`);
    }
  });
});

describe('shards', () => {
  const attacks = inOrder([
    ...flood(NOON, { actor: 'person-3', ip: '203.0.0.3' }),
    ...distributedGuessing(NOON, 40, 30 * SECOND),
    ...stuffing(NOON + 5 * MINUTE, 40, 3 * SECOND),
    ...probing(NOON + 20 * MINUTE, 40, 1500),
    ...ordinary(8, NOON, 1),
  ]);
  const openedWith = (shards: number) =>
    new Play({ shards })
      .play(morning)
      .play(attacks)
      .rest(NOON + 5 * HOUR)
      .opened();
  const one = openedWith(1);
  it('finds them all with one', () => {
    expect(one.map(({ kind }) => kind).sort()).toEqual(['auth-failures', 'credential-stuffing', 'probing', 'rate']);
  });
  it.each([4, 16])('finds the same with %i', (shards) => {
    const many = openedWith(shards);
    const names = (findings: typeof many) => findings.map(({ kind, subject }) => `${kind} ${subject.type} ${subject.id}`).sort();
    expect(names(many)).toEqual(names(one));
    for (const finding of many) {
      const same = one.find(({ kind, subject }) => kind === finding.kind && subject.id === finding.subject.id);
      expect(Math.abs((same?.ts ?? 0) - finding.ts)).toBeLessThanOrEqual(5 * SECOND);
    }
  });
});

describe('release', () => {
  const ann = { actor: 'person-3', ip: '203.0.0.3' };
  it('ten minutes of flood are not held against the hour after', () => {
    const calm = Array.from({ length: 40 }, (_, index) =>
      request(NOON + 12 * MINUTE + index * 15 * SECOND, { route: '/invoices/:id', path: '/invoices/5', ...ann }),
    );
    const play = new Play()
      .play(morning)
      .play(flood(NOON, ann, 30, 600))
      .play(calm)
      .rest(NOON + 3 * HOUR);
    expect(said(play)).toEqual(['rate person-3']);
    const ended = play.findings.find(({ phase }) => phase === 'ended');
    expect((ended?.ts ?? 0) - NOON).toBeLessThanOrEqual(20 * MINUTE + SECOND);
  });
  it('while refused requests keep coming it goes on, and it ends when they stop', () => {
    const refused = flood(NOON + 2 * SECOND, ann, 30, 300).map((log) => ({ ...log, status: 429, verdict: 'throttle' as const }));
    const play = replay([...flood(NOON, ann, 30, 2), ...refused]);
    expect(said(play)).toEqual(['rate person-3']);
    const updates = play.findings.filter(({ phase }) => phase === 'updated');
    expect(updates.length).toBeGreaterThan(50);
    expect(updates.length).toBeLessThan(70);
  });
  it('a mistype after an attack from the same office is a mistype', () => {
    const attack = bruteForce(NOON, 40, 2 * SECOND);
    const later = [failure(NOON + 10 * MINUTE, ATTACKER, 'clerk-1'), failure(NOON + 20 * MINUTE, ATTACKER, 'clerk-2')];
    const play = new Play()
      .play(morning)
      .play(attack)
      .rest(NOON + 9 * MINUTE)
      .play(later)
      .rest(NOON + 3 * HOUR);
    expect(said(play)).toEqual([`auth-failures ${ATTACKER}`]);
    expect(play.findings.at(-1)?.phase).toBe('ended');
  });
});

describe('time', () => {
  it('batches put out of order by two seconds find the same', () => {
    const attack = inOrder([
      ...flood(NOON, { actor: 'person-3', ip: '203.0.0.3' }),
      ...stuffing(NOON, 40, 3 * SECOND),
      ...probing(NOON, 60, 1500),
    ]);
    const random = randomFrom(5);
    const late = new Map(attack.map((log) => [log.id, log.ts + random() * 2 * SECOND]));
    const shuffled = [...attack].sort((a, b) => (late.get(a.id) ?? 0) - (late.get(b.id) ?? 0));
    expect(said(replay(shuffled)).sort()).toEqual(said(replay(attack)).sort());
  });

  it('late and historical logs are found, marked, and leave the present alone', () => {
    const old = flood(NOON - 30 * 24 * HOUR, { actor: 'person-3', ip: '203.0.0.3' }).map((log) => ({
      ...log,
      timing: 'historical' as const,
    }));
    const play = new Play()
      .play(morning)
      .play(old)
      .play(ordinary(9, NOON, 1))
      .rest(NOON + 3 * HOUR);
    expect(said(play)).toEqual(['rate person-3']);
    expect(play.opened()[0]?.historical).toBe(true);
    expect(play.findings.at(-1)?.phase).toBe('ended');
  });
});
