/** Stolen tokens and taken accounts through the whole model: the ordinary days of a small service, and who is not who he says. */
import type { RequestLog } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { Finding } from '../index.js';
import { type PlayOptions, placeOf, request as plain, playMinutes } from '../model.fixture.js';

// Days of a service many times over: seconds alone, more beside other work.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);
const PEOPLE = 24;
const LAPTOP = 'Mozilla/5.0 (X11; Linux) Firefox/149';
const PHONE = 'Mozilla/5.0 (iPhone) App/9.1';
const OTHER = 'curl/8.5';
const AIMS = ['PUT /settings/email', 'PUT /settings/password', 'GET /api-keys', 'POST /api-keys'];
const KINDS = ['token-theft', 'account-takeover'];

function request(ts: number, person: number, endpoint: string, fields: Partial<RequestLog> = {}): RequestLog {
  const who = { ip: `192.0.${person}.9`, userAgent: LAPTOP, actor: `user-${person}`, credential: `token-${person}` };
  return plain(ts, { ...placeOf(endpoint), durationMs: 5, bytesOut: 2_000, ...who, ...fields });
}

type Habit = (ts: number, person: number, turn: number) => Partial<RequestLog>;

/** Two sittings a day of everyone, of a dozen requests each. `habit`: what is special about a request. */
function ordinary(days: number, habit: Habit = () => ({})): RequestLog[] {
  const logs: RequestLog[] = [];
  for (let day = 0; day < days; day += 1) {
    for (let person = 0; person < PEOPLE; person += 1) {
      for (const hour of [8, 17]) {
        const from = START + day * DAY + hour * HOUR + person * MINUTE;
        for (let turn = 0; turn < 12; turn += 1)
          logs.push(
            request(from + turn * 30_000, person, turn % 5 === 4 ? 'POST /messages' : 'GET /feed', habit(from, person, turn)),
          );
      }
    }
  }
  return logs.sort((a, b) => a.ts - b.ts);
}

const findingsOf = (logs: readonly RequestLog[], options: PlayOptions = {}): Finding[] =>
  playMinutes(logs, options).filter(({ kind, phase }) => KINDS.includes(kind) && phase !== 'ended');

const LATER = START + 3 * DAY;
const thief = { ip: '203.0.113.66', userAgent: OTHER };
const merged = (...parts: RequestLog[][]) => parts.flat().sort((a, b) => a.ts - b.ts);

/** Owner and somebody else take turns. */
const turns = (count: number, stranger: Partial<RequestLog>, person = 3) =>
  Array.from({ length: count }, (_, index) =>
    request(LATER + 8 * HOUR + index * 40_000, person, 'GET /feed', index % 2 === 1 ? stranger : {}),
  );
const visit = (stranger: Partial<RequestLog>, endpoints: readonly string[], person = 3) =>
  endpoints.map((endpoint, index) => request(LATER + 12 * HOUR + index * 30_000, person, endpoint, stranger));

describe('token-theft', () => {
  it('is found when a stranger takes turns with the owner on one credential', () => {
    const [first] = findingsOf(merged(ordinary(3), turns(10, thief)));
    expect(first).toMatchObject({
      kind: 'token-theft',
      phase: 'opened',
      subject: { type: 'credential', id: 'token-3' },
      verified: true,
      actors: ['user-3'],
      addresses: ['192.0.3.9', '203.0.113.66'],
      unit: 'turns',
    });
    expect(first?.observed).toBe((first?.limit ?? 0) + 1);
    expect(first?.explanation).toContain(`at ${first?.limit} or fewer there would be no alert`);
  });

  it('is told at the way back already where practically nobody shares a credential', () => {
    // A hundred sessions without it: at the first return of the owner the evidence suffices.
    const [first] = findingsOf(merged(ordinary(3), turns(10, thief)));
    expect(first).toMatchObject({ kind: 'token-theft', observed: 2, limit: 1 });
    expect(findingsOf(merged(ordinary(3), turns(2, thief)))).toEqual([]);
  });

  it('takes no log that was overtaken for a way back', () => {
    const [before, stranger, ...later] = turns(8, thief);
    const late = request((stranger?.ts ?? 0) - 1500, 3, 'GET /feed');
    const moved = later.map((log) => ({ ...log, ...thief }));
    const arrived = [before, stranger, late, ...moved].filter((log) => log !== undefined);
    expect(findingsOf([...ordinary(3), ...arrived])).toEqual([]);
  });

  it('is found where both ask each second', () => {
    const each = (stranger: Partial<RequestLog>, late: number) =>
      Array.from({ length: 60 }, (_, second) => request(LATER + 8 * HOUR + second * 1000 + late, 3, 'GET /feed', stranger));
    const [first] = findingsOf(merged(ordinary(3), each({}, 0), each(thief, 10_500)));
    expect(first).toMatchObject({ kind: 'token-theft', observed: 2 });
    expect((first?.ts ?? 0) - (LATER + 8 * HOUR + 10_500)).toBeLessThan(10_000);
  });

  it('needs both address and device to be new, and the same credential', () => {
    const harmless = [
      { ip: thief.ip },
      { userAgent: thief.userAgent },
      { ...thief, userAgent: '' },
      { ...thief, credential: 'token-of-the-phone' },
    ];
    for (const stranger of harmless) expect(findingsOf(merged(ordinary(3), turns(20, stranger)))).toEqual([]);
  });

  it('leaves an update of the app and a move alone: the old device never comes back', () => {
    const moved = Array.from({ length: 30 }, (_, index) =>
      request(LATER + 8 * HOUR + index * 20_000, 3, 'GET /feed', index > 9 ? thief : {}),
    );
    expect(findingsOf(merged(ordinary(3), moved))).toEqual([]);
  });

  it('is silent where everyone shares credentials between devices, and of whoever nothing is known', () => {
    const phone = { ip: '198.51.100.7', userAgent: PHONE };
    const shared = ordinary(3, (_, __, turn) => (turn % 2 === 1 ? phone : {}));
    expect(findingsOf(merged(shared, turns(20, thief)))).toEqual([]);
    expect(findingsOf(merged(ordinary(3), turns(20, thief, 99)))).toEqual([]);
  });

  it('takes a farm of machines behind one key for what it is', () => {
    const farm = Array.from({ length: 60 }, (_, index) =>
      request(LATER + 8 * HOUR + index * 10_000, 3, 'GET /feed', {
        ip: `198.51.${index % 6}.1`,
        userAgent: `worker/${index % 2}`,
      }),
    );
    expect(findingsOf(merged(ordinary(3), farm))).toEqual([]);
  });
});

describe('account-takeover', () => {
  it('is found when a new device and network go for what the account never used', () => {
    const [first] = findingsOf(merged(ordinary(3), visit({ ...thief, credential: 'stolen' }, ['POST /login', ...AIMS])));
    expect(first).toMatchObject({ kind: 'account-takeover', subject: { type: 'actor', id: 'user-3' }, verified: true });
    expect(first?.addresses).toEqual([thief.ip]);
    expect(first?.observed).toBeGreaterThan(first?.limit ?? 0);
    expect(first?.explanation).toContain('PUT /settings/password');
  });

  it('is found without user agents, by the network', () => {
    const bare = ordinary(3, () => ({ userAgent: '' }));
    const [first] = findingsOf(
      merged(bare, visit({ ip: thief.ip, userAgent: '' }, [...AIMS, 'POST /payouts', 'DELETE /users/me/mfa'])),
    );
    expect(first).toMatchObject({ kind: 'account-takeover', subject: { type: 'actor', id: 'user-3' } });
  });

  it('leaves the usual device, a new phone in ordinary use, a change of password on it, and newcomers alone', () => {
    const phone = { ip: '198.51.100.7', userAgent: PHONE };
    const harmless = [
      visit({}, AIMS),
      visit({ ip: '198.51.100.7' }, AIMS),
      visit(
        phone,
        Array.from({ length: 40 }, (_, index) => (index % 4 === 3 ? 'POST /messages' : 'GET /feed')),
      ),
      visit(phone, ['GET /feed', 'PUT /settings/password', 'GET /feed', 'POST /messages']),
      visit(phone, AIMS, 99),
    ];
    for (const logs of harmless) expect(findingsOf(merged(ordinary(3), logs))).toEqual([]);
  });

  it('takes no offence at what everyone does from a new device', () => {
    const setUp = ordinary(3, (_, person, turn) =>
      turn > 8 && person % 2 === 0 ? { method: 'PUT', route: '/settings/password' } : {},
    );
    expect(findingsOf(merged(setUp, visit(thief, ['PUT /settings/password', 'GET /feed', 'POST /messages'])))).toEqual([]);
  });
});

describe('both', () => {
  const attacks = () => merged(ordinary(3), turns(10, thief), visit({ ...thief, credential: 'stolen' }, AIMS, 5));
  const told = (findings: readonly Finding[]) =>
    findings.filter(({ phase }) => phase === 'opened').map(({ kind, subject, ts }) => `${kind} ${subject.id} ${ts}`);

  it('are the same with one shard and with four', () => {
    const logs = attacks();
    const whole = told(findingsOf(logs));
    expect(whole).toHaveLength(2);
    expect(told(findingsOf(logs, { shards: 4 })).sort()).toEqual([...whole].sort());
  });

  it('are the same after a restart in the midst of it', () => {
    const logs = attacks();
    const whole = told(findingsOf(logs));
    for (const back of [3, 7, 20]) expect(told(findingsOf(logs, { restartAt: logs.length - back }))).toEqual(whole);
  });
});
