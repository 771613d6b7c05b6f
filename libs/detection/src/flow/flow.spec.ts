/** Steps skipped and repeated, through the whole model: a small shop's ordinary days, and who goes another way. */
import { DEFAULT_SETTINGS, type RequestLog, type Settings, settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { Finding, Model } from '../index.js';
import { placeOf, request as plain, playMinutes } from '../model.fixture.js';

// Days of a shop many times over: seconds alone, more beside other work.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);
const PEOPLE = 45;
const CHECKOUT = 'POST /checkout';
const PAYMENT = 'POST /payment';
const CONFIRM = 'POST /orders/confirm';
const COUPON = 'POST /cart/coupon';
const QUERY = 'POST /graphql';
const ADD = 'POST /cart/items';

const request = (ts: number, actor: string, endpoint: string, fields: Partial<RequestLog> = {}) =>
  plain(ts, { ...placeOf(endpoint), durationMs: 5, bytesOut: 500, ip: '192.0.2.9', actor, ...fields });

/** Someone does one thing after the other, so many seconds apart. */
const walk = (from: number, actor: string, endpoints: readonly string[], seconds = 20, fields: Partial<RequestLog> = {}) =>
  endpoints.map((endpoint, index) => request(from + index * seconds * 1000, actor, endpoint, fields));
const again = (count: number, ...endpoints: string[]) => Array.from({ length: count }, () => endpoints).flat();

const PAGES = ['GET /feed', 'GET /products', 'GET /products/:id', 'GET /reviews', 'GET /cart', 'GET /stock'];

/** Each day everyone looks round, asks some queries and buys, many with a coupon. `buy`: how. */
function ordinary(days = 2, buy: (person: number) => string[] = () => [CHECKOUT, PAYMENT, CONFIRM]): RequestLog[] {
  const logs = Array.from({ length: days * PEOPLE }, (_, index) => {
    const person = index % PEOPLE;
    const from = START + Math.floor(index / PEOPLE) * DAY + 8 * HOUR + person * 5 * MINUTE;
    const coupon = person % 3 === 0 ? [] : [COUPON];
    return walk(from, `user-${person}`, [...PAGES, ...again(3, QUERY), ...coupon, 'GET /cart', ...buy(person)]);
  });
  return logs.flat();
}

function findingsOf(logs: readonly RequestLog[], settings: Settings = DEFAULT_SETTINGS, restartAt = -1): Finding[] {
  const inOrder = logs.toSorted((a, b) => a.ts - b.ts);
  return playMinutes(inOrder, { settings, restartAt }).filter(({ kind, phase }) => kind === 'sequence' && phase !== 'ended');
}

const LATER = START + 2 * DAY + 12 * HOUR;
const MUCH_LATER = LATER + 2 * DAY;
const skips = (count: number, actor = 'user-3') => walk(LATER, actor, again(count, 'GET /cart', CHECKOUT, CONFIRM));

describe('a step skipped', () => {
  it('is found at the second order that nobody paid for, by who knows the way', () => {
    const [first] = findingsOf([...ordinary(), ...skips(4)]);
    expect(first).toMatchObject({
      phase: 'opened',
      subject: { type: 'actor', id: 'user-3' },
      endpoint: CONFIRM,
      observed: 2,
      limit: 1,
      windowSeconds: 3600,
    });
    expect(first?.explanation).toContain(`without ${PAYMENT}`);
    expect(first?.explanation).toContain('at 1 or fewer there would be no alert');
  });

  it('is no matter once, nor twice in as many hours', () => {
    const apart = [...skips(1), ...walk(LATER + 2 * HOUR, 'user-3', [CHECKOUT, CONFIRM])];
    expect(findingsOf([...ordinary(), ...apart])).toEqual([]);
  });

  it('is told at its first time where nobody ever went without paying, and of the next one no more', () => {
    const steps = ['GET /cart', CHECKOUT, CONFIRM, 'GET /feed', 'GET /feed'];
    const unpaid = (actor: string, from: number) => walk(from, actor, steps, 15);
    const told = findingsOf([...ordinary(4), ...unpaid('user-3', MUCH_LATER), ...unpaid('user-6', MUCH_LATER + HOUR)]);
    expect(told).toMatchObject([{ subject: { id: 'user-3' }, endpoint: CONFIRM, observed: 1, reach: 2, severity: 'low' }]);
    expect(told[0]?.explanation).toMatch(
      /^user-3 did POST \/orders\/confirm without POST \/payment; everyone has always passed it first \(seen \d+ times\), itself \d times; with it there would be no alert\.$/,
    );
    const serial = [1, 2].flatMap((time) => unpaid('user-3', MUCH_LATER + time * 10 * MINUTE));
    const attack = [...unpaid('user-3', MUCH_LATER), ...serial, ...unpaid('user-6', MUCH_LATER + 2 * HOUR)];
    expect(findingsOf([...ordinary(4), ...attack]).at(-1)).toMatchObject({ subject: { id: 'user-6' }, observed: 1 });
    const restarted = [...ordinary(4), ...unpaid('user-3', MUCH_LATER)];
    expect(findingsOf(restarted, DEFAULT_SETTINGS, restarted.length - 2)).toHaveLength(1);
  });

  it('is told no more of whom a person has said that it is no matter', () => {
    const steps = ['GET /cart', CHECKOUT, CONFIRM, 'GET /feed', 'GET /feed'];
    const twice = [0, 10].flatMap((minutes) => walk(MUCH_LATER + minutes * MINUTE, 'user-3', steps, 15));
    const later = walk(MUCH_LATER + DAY, 'user-3', steps, 15);
    const logs = [...ordinary(4), ...twice, ...later].toSorted((a, b) => a.ts - b.ts);
    const said = { service: 'shop', kind: 'sequence', subject: { type: 'actor', id: 'user-3' }, endpoint: CONFIRM } as const;
    const when = { alertId: 'a', openedAt: MUCH_LATER, judgedAt: MUCH_LATER + 2 * HOUR, historical: false, reach: 2 };
    const openedWith = (verdict: 'false-positive' | 'true-positive') => {
      const before = (index: number, [model]: readonly Model[]) => {
        if (logs[index] === later[0]) model?.heed({ ...said, ...when, verdict });
      };
      return playMinutes(logs, { before }).filter(({ kind, phase }) => kind === 'sequence' && phase === 'opened').length;
    };
    expect([openedWith('false-positive'), openedWith('true-positive')]).toEqual([1, 2]);
  });

  it('is no matter at its first time where logs overtook each other, or where it is not about money or access', () => {
    const [checkout, payment, confirm] = walk(MUCH_LATER, 'user-3', [CHECKOUT, PAYMENT, CONFIRM], 1);
    const late = [checkout, { ...confirm, ts: payment?.ts ?? 0 }, payment].filter((log) => log !== undefined) as RequestLog[];
    const after = request(MUCH_LATER + MINUTE, 'user-3', 'GET /feed');
    expect(findingsOf([...ordinary(4), ...late, after])).toEqual([]);
    expect(findingsOf([...ordinary(4), ...walk(MUCH_LATER, 'user-3', ['GET /cart', PAYMENT, CONFIRM]), after])).toEqual([]);
  });

  it('is the way of nobody while nobody knows better: few samples, or one in ten who goes without', () => {
    expect(findingsOf([...ordinary(1).slice(0, 300), ...skips(4)])).toEqual([]);
    const some = ordinary(2, (person) => (person % 10 === 0 ? [CHECKOUT, CONFIRM] : [CHECKOUT, PAYMENT, CONFIRM]));
    expect(findingsOf([...some, ...skips(4)])).toEqual([]);
  });

  it('is no matter where many go without, from the first minutes of a service on', () => {
    const visit = ['GET /feed', ADD, 'GET /feed', ADD, CHECKOUT, 'GET /feed', ADD, 'GET /feed', ADD, CHECKOUT];
    const minutes = [...Array(PEOPLE).keys()].flatMap((person) =>
      walk(START + person * 20_000, `user-${person}`, [...PAGES, ...visit, ...visit]),
    );
    expect(findingsOf([...minutes, ...walk(START + HOUR, 'user-3', again(6, 'GET /feed', ADD))])).toEqual([]);
  });

  it('is no matter where those go without who come once', () => {
    const guests = [...Array(2 * PEOPLE).keys()].flatMap((guest) =>
      walk(START + (guest % 2) * DAY + 10 * HOUR + guest * 3 * MINUTE, `guest-${guest}`, [...PAGES, CONFIRM]),
    );
    const members = ordinary(2, () => [ADD, CONFIRM]);
    const bare = walk(LATER, 'user-3', again(4, 'GET /cart', CONFIRM));
    expect(findingsOf([...members, ...bare])).not.toEqual([]);
    expect(findingsOf([...members, ...guests, ...bare])).toEqual([]);
  });

  it('is allowed to two windows at once, double clicks, and where the service broke', () => {
    const windows = again(3, CHECKOUT, CHECKOUT, PAYMENT, PAYMENT, CONFIRM, CONFIRM);
    expect(findingsOf([...ordinary(), ...walk(LATER, 'user-3', windows)])).toEqual([]);
    const clicks = [0, 1, 2].flatMap((round) => {
      const from = LATER + round * 5 * MINUTE;
      return [...walk(from, 'user-3', [CHECKOUT, PAYMENT, CONFIRM]), request(from + 42_000, 'user-3', CONFIRM)];
    });
    expect(findingsOf([...ordinary(), ...clicks])).toEqual([]);
    const broken = walk(LATER, 'user-3', again(4, CHECKOUT, PAYMENT, CONFIRM)).map((log) =>
      log.route === '/payment' ? { ...log, status: 503 } : log,
    );
    expect(findingsOf([...ordinary(), ...broken])).toEqual([]);
  });

  it('leaves machines alone that jump to one endpoint, and steps that were refused', () => {
    expect(findingsOf([...ordinary(), ...walk(LATER, 'integration', again(20, CONFIRM))])).toEqual([]);
    const refused = skips(6).map((log) => (log.route === '/orders/confirm' ? { ...log, status: 409 } : log));
    expect(findingsOf([...ordinary(), ...refused])).toEqual([]);
  });

  it('takes queries that come all the time for no step', () => {
    const without = walk(LATER, 'user-3', again(4, 'GET /cart', CHECKOUT, PAYMENT, CONFIRM));
    expect(findingsOf([...ordinary(), ...without])).toEqual([]);
  });

  it('is found at once where the settings declare the flow, and only there where nothing is to be learnt', () => {
    const flow = { name: 'purchase', steps: [CHECKOUT, PAYMENT, CONFIRM] };
    const declared = settingsSchema.parse({ flows: [flow], learnFlows: false });
    const [first] = findingsOf([...ordinary(1), ...skips(1, 'newcomer')], declared);
    expect(first).toMatchObject({ subject: { id: 'newcomer' }, observed: 1, limit: 0, endpoint: CONFIRM });
    expect(first?.explanation).toContain('the flow purchase declares it');
    expect(findingsOf([...ordinary(), ...skips(9)], settingsSchema.parse({ learnFlows: false }))).toEqual([]);
  });

  it('is found after a restart as without one', () => {
    const logs = [...ordinary(), ...skips(4)];
    const whole = findingsOf(logs).map(({ ts, phase }) => `${ts} ${phase}`);
    expect(whole.length).toBeGreaterThan(0);
    for (const back of [2, 5, 8])
      expect(findingsOf(logs, DEFAULT_SETTINGS, logs.length - back).map(({ ts, phase }) => `${ts} ${phase}`)).toEqual(whole);
  });
});

describe('a step repeated', () => {
  it('is found within a handful of the same request in a row', () => {
    const [first] = findingsOf([...ordinary(), ...walk(LATER, 'user-3', again(12, COUPON))]);
    expect(first).toMatchObject({ subject: { type: 'actor', id: 'user-3' }, endpoint: COUPON, unit: 'times in one cycle' });
    expect(first?.observed).toBe((first?.limit ?? 0) + 1);
    expect(first?.observed).toBeLessThanOrEqual(7);
  });

  it('is found with pages in between, later', () => {
    const [first] = findingsOf([...ordinary(), ...walk(LATER, 'user-3', again(20, 'GET /cart', COUPON))]);
    expect(first?.observed).toBeGreaterThan(5);
    expect(first?.explanation).toContain('without another step in between');
  });

  it('is no matter with a payment in between, on other objects, refused, or after a while', () => {
    const harmless = [
      walk(LATER, 'user-3', again(12, COUPON, CHECKOUT, PAYMENT, CONFIRM)),
      walk(LATER, 'user-3', again(12, COUPON), 400),
      walk(LATER, 'user-3', again(12, COUPON)).map((log) => ({ ...log, status: 422 })),
      again(12, 'DELETE /cart/items/:id').map((endpoint, index) =>
        request(LATER + index * 5000, 'user-3', endpoint, { path: `/cart/items/${index}` }),
      ),
    ];
    for (const logs of harmless) expect(findingsOf([...ordinary(), ...logs])).toEqual([]);
  });

  it('is the task of a machine, and nobody knows of a step that is new', () => {
    expect(findingsOf([...ordinary(), ...walk(LATER, 'integration', again(30, COUPON))])).toEqual([]);
    expect(findingsOf([...ordinary(), ...walk(LATER, 'user-3', again(30, 'POST /gift-cards/check'))])).toEqual([]);
  });
});
