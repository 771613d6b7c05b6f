/**
 * A service of eight people on its first days: what needs no long history is found from the start, and what is new because
 * everything is new raises nothing.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { Play } from './play.js';
import { HOUR, inOrder, MINUTE, request, SECOND, START } from './traffic.js';

const DAY = 24 * HOUR;
const LAPTOP = 'Mozilla/5.0 (X11; Linux) Firefox/149';
const nine = (day: number) => START + day * DAY + 9 * HOUR;

type Person = Pick<RequestLog, 'actor' | 'ip' | 'credential' | 'userAgent'> & { number: number };
const team = Array.from(
  { length: 8 },
  (_, number): Person => ({
    number,
    actor: `person-${number}`,
    ip: `198.51.${number}.7`,
    credential: `token-${number}`,
    userAgent: LAPTOP,
  }),
);

const step = (ts: number, { number: _, ...who }: Person, endpoint: string, fields: Partial<RequestLog> = {}) => {
  const [method = '', route = ''] = endpoint.split(' ');
  return request(ts, { ...who, method, route, path: route.replace(':id', '1'), ...fields });
};

/** Three sittings a day of everyone; on some of them an export or one of the person's own files. */
const days = (count: number) =>
  inOrder(
    Array.from({ length: count }, (_, day) => day).flatMap((day) =>
      team.flatMap((person) =>
        [0, 4, 8].flatMap((hour) => {
          const from = nine(day) + hour * HOUR + person.number * 3 * MINUTE;
          const feed = Array.from({ length: 9 }, (_, turn) => step(from + turn * 20 * SECOND, person, 'GET /feed'));
          const file = step(from + 200 * SECOND, person, 'GET /files/:id', { path: `/files/${person.number * 50 + day}` });
          const report = step(from + 230 * SECOND, person, 'POST /exports', { bytesOut: 60_000 });
          return [...feed, file, ...(hour === 4 && person.number < 4 ? [report] : [])];
        }),
      ),
    ),
  );

const walk = (person: Person, count: number, everyMs: number, status: number) =>
  Array.from({ length: count }, (_, index) =>
    step(nine(2) + index * everyMs, person, 'GET /files/:id', { path: `/files/${9000 + index * 7}`, status }),
  );
const said = (history: RequestLog[], attack: RequestLog[]) =>
  new Play()
    .play(history)
    .play(attack)
    .rest((attack.at(-1)?.ts ?? nine(2)) + HOUR)
    .opened()
    .map(({ kind, subject }) => `${kind} ${subject.id}`);
const [first, second] = team as [Person, Person];

describe('a young and small service', () => {
  it('raises nothing by itself', () => {
    expect(said(days(3), [])).toEqual([]);
  });

  it('sees an hour after its start that dozens of objects are refused to somebody, and lets dead links pass', () => {
    const young = days(1).filter(({ ts }) => ts < nine(0) + HOUR);
    const attack = (count: number) => walk(first, count, 2 * SECOND, 403).map((log) => ({ ...log, ts: log.ts - 2 * DAY + HOUR }));
    expect(said(young, attack(60))).toEqual(['enumeration person-0']);
    expect(said(young, attack(30))).toEqual([]);
  });

  it('sees a long walk over files that hardly anybody has, and lets a client fetch some hundred at once', () => {
    const few = days(2).filter(({ route, actor }) => route !== '/files/:id' || actor === 'person-1');
    expect(said(few, walk(first, 700, 800, 200))).toContain('enumeration person-0');
    expect(said(few, walk(first, 300, 800, 200)).filter((one) => !one.startsWith('rate'))).toEqual([]);
  });

  it('knows from some answers what a large one is, and takes two for long reports', () => {
    const downloads = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        step(nine(2) + index * 40 * SECOND, second, 'POST /exports', { bytesOut: 40_000_000 }),
      );
    expect(said(days(2), downloads(10))).toEqual(['exfiltration person-1']);
    expect(said(days(2), downloads(2))).toEqual([]);
  });

  it('sees a stranger who changes the ways into an account, and lets its owner come with a new phone', () => {
    const elsewhere = { ...first, ip: '203.0.113.66', userAgent: 'curl/8.5', credential: 'token-new' };
    const goes = (endpoints: readonly string[]) =>
      endpoints.map((endpoint, index) => step(nine(2) + index * 20 * SECOND, elsewhere, endpoint));
    const aims = ['PUT /settings/email', 'GET /settings/api-keys', 'POST /settings/api-keys', 'PUT /settings/password'];
    expect(said(days(2), goes([...aims, 'GET /settings/recovery-codes', 'PUT /settings/phone']))).toEqual([
      'account-takeover person-0',
    ]);
    expect(said(days(2), goes(['GET /feed', 'POST /exports', 'GET /feed', 'GET /files/:id', 'PUT /settings/phone']))).toEqual([]);
  });
});
