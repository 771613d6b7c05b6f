import type { HistoryFilter, RequestLog } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_WITHIN_MS, type OwnHistory, ownHistory, testHistory } from '../../../../test/setup/history.js';
import { bucketWidth, histogram } from './histogram.js';
import { historyFault, openHistory } from './history.js';
import { insertLines } from './inserts.js';
import { type KeptLog, toLine } from './rows.js';
import { neighbours, searchLogs } from './search.js';
import { historyStanding } from './state.js';
import { streamLogs } from './stream.js';
import { migrateHistory } from './tables.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Noon of three days ago: what is old is thrown away. */
const T = Math.floor(Date.now() / DAY - 3) * DAY + 12 * HOUR;
const dayOf = (ts: number) => new Date(ts).toISOString().slice(0, 10);

const logAt = (ts: number, fields: Partial<RequestLog> = {}): RequestLog => ({
  id: `batch:${(ts % 7).toString().padStart(16, 'x')}:${ts - T}`,
  ts,
  method: 'GET',
  route: '/orders/:id',
  path: `/orders/${ts % 100}`,
  status: 200,
  durationMs: 12.34,
  bytesIn: 0,
  bytesOut: 512,
  ip: '192.0.2.7',
  userAgent: 'curl/8',
  actor: 'ada',
  authenticated: true,
  verdict: 'allow',
  timing: 'live',
  ...fields,
});
const endpointOf = (log: RequestLog) => `${log.method} ${log.route ?? log.path}`;
const linesOf = (service: string, logs: RequestLog[], received = dayOf(T)) =>
  logs.map((log) => toLine(service, endpointOf(log), log, received));
const filterOf = (service: string, fields: Partial<HistoryFilter> = {}): HistoryFilter => ({
  service,
  from: T - DAY,
  to: T + DAY,
  ...fields,
});

let own: OwnHistory;
beforeAll(async () => {
  own = await ownHistory();
}, ENGINE_WITHIN_MS);
afterAll(() => own.drop());

async function all(service: string, fields: Partial<HistoryFilter> = {}): Promise<RequestLog[]> {
  const found: KeptLog[] = [];
  for await (const logs of streamLogs(own.history, filterOf(service, fields))) found.push(...logs);
  return found.map(({ log }) => log);
}

describe('the tables', () => {
  it('are made once, by many at once', async () => {
    const { history } = await testHistory({ tables: false });
    await Promise.all([1, 2, 3].map(() => migrateHistory(history)));
    expect(await migrateHistory(history)).toBe(0);
    await insertLines(history, 'a', linesOf('shop', [logAt(T)]));
    expect((await searchLogs(history, { filter: filterOf('shop'), limit: 5 }))?.items).toHaveLength(1);
  });
});

describe('what is kept', () => {
  it('comes back as it was, whatever a client wrote', async () => {
    const full = logAt(T + 1, {
      auth: 'failure',
      credential: 'key\t"1"',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      actor: `"'\\n\\N \ufffd {x:String} '; DROP TABLE request_log; -- ${'é'.repeat(50)}😀`,
      path: "/a\\'b%_\u2028/😀\u0000",
      userAgent: '\u001b[31m',
      verdict: 'challenge',
      timing: 'late',
      status: 599,
      durationMs: 86_400_000,
      bytesIn: Number.MAX_SAFE_INTEGER,
      ip: '2001:db8::1',
      authenticated: false,
    });
    const { route: _r, actor: _a, ...bare } = logAt(T + 2, { id: '', userAgent: '', durationMs: 0.01 });
    const odd = ['1', ':1', 'a:01', 'a:0', 'a:999999999', 'a:1000000000', 'a:1:2', 'a: 1'].map((id, n) =>
      logAt(T + 3 + n, { id }),
    );
    const logs = [full, bare, ...odd];
    await insertLines(own.history, 'kept', linesOf('kept', logs));
    expect(await all('kept')).toEqual(logs);
  });

  it('is not there twice when an insert comes again, nor in the roll-ups', async () => {
    const logs = Array.from({ length: 5_000 }, (_, n) => logAt(T + n * 1_000));
    const lines = [...linesOf('twice', logs.slice(0, 2_500)), ...linesOf('twice', logs.slice(2_500), dayOf(T + DAY))];
    await Promise.all([insertLines(own.history, 'token', lines), insertLines(own.history, 'token', lines)]);
    await insertLines(own.history, 'token', lines);
    expect(await all('twice')).toHaveLength(5_000);
    for (const width of [30_000, 60_000, HOUR]) {
      const { requests } = await histogram(
        own.history,
        filterOf('twice', { from: T, to: T + 2 * HOUR }),
        width < HOUR ? 120_000 : width,
      );
      expect(requests).toBe(5_000);
    }
    await insertLines(own.history, 'another', lines);
    expect(await all('twice')).toHaveLength(10_000);
  });

  it('is completed by a repetition where the first one reached the log and no roll-up', async () => {
    const { history } = await testHistory();
    const lines = linesOf('half', [logAt(T)]);
    await history.client.command({ query: 'DETACH TABLE request_minute_of_log' });
    await insertLines(history, 'half', lines);
    await history.client.command({ query: 'ATTACH TABLE request_minute_of_log' });
    const minutes = () => histogram(history, filterOf('half', { from: T, to: T + HOUR }), 60_000);
    expect((await minutes()).requests).toBe(0);
    await insertLines(history, 'half', lines);
    expect((await minutes()).requests).toBe(1);
    expect((await histogram(history, filterOf('half', { from: T, to: T + HOUR }), 1_800_000 / 60)).requests).toBe(1);
  });
});

describe('search', () => {
  const logs = Array.from({ length: 300 }, (_, n) =>
    logAt(T - n * 60_000, {
      id: n % 2 ? `x${n}` : `batch:b:${n}`,
      actor: n % 3 ? 'ada' : 'bob',
      status: [200, 404, 503][n % 3] ?? 200,
      ip: n % 5 ? '192.0.2.7' : '2001:db8::7',
      method: n % 4 ? 'GET' : 'POST',
      path: n === 7 ? '/Orders/100%_Off\\' : `/orders/${n}`,
      verdict: n % 10 ? 'allow' : 'block',
      ...(n % 6 ? {} : { credential: 'k1' }),
    }),
  );
  beforeAll(() => insertLines(own.history, 'search', linesOf('search', logs)));

  const ids = async (fields: Partial<HistoryFilter>) =>
    (await searchLogs(own.history, { filter: filterOf('search', fields), limit: 1_000 }))?.items.map(({ log }) => log.id);
  const wanted = (keep: (log: RequestLog) => boolean) => logs.filter(keep).map(({ id }) => id);

  it.each<[string, Partial<HistoryFilter>, (log: RequestLog) => boolean]>([
    ['everything', {}, () => true],
    ['an actor', { actor: 'bob' }, (log) => log.actor === 'bob'],
    ['an address', { address: '2001:DB8:0:0::7' }, (log) => log.ip === '2001:db8::7'],
    ['an address mapped into IPv6', { address: '::ffff:192.0.2.7' }, (log) => log.ip === '192.0.2.7'],
    ['the network of a decision', { address: '2001:db8::/64' }, (log) => log.ip === '2001:db8::7'],
    ['a range mapped into IPv6', { address: '::ffff:192.0.2.0/120' }, (log) => log.ip === '192.0.2.7'],
    ['a range of others', { address: '2001:db8:1::/48' }, () => false],
    ['a credential', { credential: 'k1' }, (log) => log.credential === 'k1'],
    ['an endpoint', { endpoint: 'POST /orders/:id' }, (log) => log.method === 'POST'],
    ['a method', { method: 'POST' }, (log) => log.method === 'POST'],
    ['statuses and classes', { status: ['404', '5xx'] }, (log) => log.status !== 200],
    ['verdicts', { verdict: ['block', 'throttle'] }, (log) => log.verdict === 'block'],
    ['a part of the path, literally', { path: '100%_off\\' }, (log) => log.path.includes('100%')],
    ['a time, its end excluded', { from: T - 600_000, to: T - 60_000 }, ({ ts }) => ts >= T - 600_000 && ts < T - 60_000],
    ['nothing', { actor: "' OR 1=1 --" }, () => false],
    ['another service', { service: 'none' }, () => false],
  ])('finds %s', async (_, fields, keep) => {
    expect(await ids(fields)).toEqual(wanted(keep));
  });

  it.each(['newest', 'oldest'] as const)('gives pages that neither miss nor repeat, %s first', async (order) => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await searchLogs(own.history, { filter: filterOf('search'), limit: 37, order, cursor });
      found.push(...(page?.items.map(({ log }) => log.id) ?? []));
      cursor = page?.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const newest = wanted(() => true);
    expect(found).toEqual(order === 'newest' ? newest : newest.reverse());
  });

  it.each(['', 'x', Buffer.from('1 ').toString('base64url'), Buffer.from('01x').toString('base64url')])(
    'knows a cursor that is none of its own: %s',
    async (cursor) => {
      expect(await searchLogs(own.history, { filter: filterOf('search'), limit: 1, cursor })).toBeUndefined();
    },
  );

  it('shows the neighbours of a log', async () => {
    const middle = logs[30];
    if (!middle) throw new Error('no log');
    const asked = { service: 'search', id: middle.id, ts: middle.ts, before: 2, after: 3 };
    const found = await neighbours(own.history, { ...asked, of: 'actor' });
    expect(found?.map(({ log }) => log.id)).toEqual([36, 33, 30, 27, 24, 21].map((n) => logs[n]?.id));
    expect(await neighbours(own.history, { ...asked, of: 'service' })).toHaveLength(6);
    expect(await neighbours(own.history, { ...asked, id: 'none', of: 'actor' })).toBeUndefined();
  });

  it.each([
    [{}, 120_000],
    [{}, HOUR],
    [{ endpoint: 'POST /orders/:id' }, 60_000],
    [{ method: 'POST', status: ['4xx'], verdict: ['block' as const] }, HOUR],
    [{ actor: 'ada' }, 300_000],
    [{ status: ['404'] }, 30_000],
  ])('counts the same in a histogram as it finds: %j by %d ms', async (fields, width) => {
    const span = { from: T - 5 * HOUR, to: T + HOUR };
    const found =
      (await searchLogs(own.history, { filter: filterOf('search', { ...fields, ...span }), limit: 1_000 }))?.items ?? [];
    const { buckets, requests } = await histogram(own.history, filterOf('search', { ...fields, ...span }), width);
    expect(requests).toBe(found.length);
    expect(buckets).toHaveLength((6 * HOUR) / width);
    for (const bucket of buckets) {
      const inside = found.map(({ log }) => log).filter(({ ts }) => ts >= bucket.ts && ts < bucket.ts + width);
      expect(bucket).toEqual({
        ts: bucket.ts,
        requests: inside.length,
        errors: inside.filter(({ status }) => status >= 500).length,
        clientErrors: inside.filter(({ status }) => status >= 400 && status < 500).length,
        refused: inside.filter(({ verdict }) => verdict !== 'allow').length,
      });
    }
  });

  it('chooses a width that fits', () => {
    expect(bucketWidth({ from: T, to: T + DAY }, 60)).toBe(30 * 60_000);
    expect(bucketWidth({ from: T + 1, to: T + 2 }, 1)).toBe(1_000);
    expect(bucketWidth({ from: 0, to: 8_640_000_000_000 }, 1)).toBeGreaterThanOrEqual(8_640_000_000_000);
    for (const most of [1, 2, 7, 60, 1_000]) {
      const [from, to] = [T - 12_345_678, T + 987_654_321];
      const width = bucketWidth({ from, to }, most);
      if (most > 1) expect(Math.ceil(to / width) - Math.floor(from / width)).toBeLessThanOrEqual(most);
    }
  });
});

describe('a stream', () => {
  it('gives everything in order of time, of one service or of all, in pieces', async () => {
    const { history } = await testHistory();
    const logs = Array.from({ length: 250_000 }, (_, n) => logAt(T + n * 37, { actor: `u${n % 50}` }));
    const half = logs.length / 2;
    await insertLines(history, '1', linesOf('one', logs.slice(half)));
    await insertLines(history, '2', linesOf('two', logs.slice(0, half)));
    let last = 0;
    let sorted = true;
    let count = 0;
    let longest = 0;
    for await (const piece of streamLogs(history, { from: T, to: T + DAY })) {
      for (const { log } of piece) {
        sorted &&= log.ts >= last;
        last = log.ts;
      }
      count += piece.length;
      longest = Math.max(longest, piece.length);
    }
    expect(sorted).toBe(true);
    expect(count).toBe(250_000);
    expect(longest).toBeLessThan(20_000);
    for await (const piece of streamLogs(history, filterOf('one'))) {
      expect(piece[0]?.log.ts).toBe(logs[half]?.ts);
      break; // Ends the query; the connection is free again.
    }
    expect((await historyStanding(history)).state).toBe('on');
  });
});

describe('the private server', () => {
  it('lets who only reads read', async () => {
    const reader = openHistory(own.readerUrl);
    try {
      expect((await searchLogs(reader, { filter: filterOf('search'), limit: 1 }))?.items).toHaveLength(1);
      for (const query of ['DROP TABLE request_log', 'CREATE TABLE x (a UInt8) ENGINE = Memory', 'SET readonly = 0']) {
        const refused = await reader.client.command({ query }).catch((error: unknown) => error);
        expect(historyFault(refused), query).toBe('forbidden');
      }
      const insert = await insertLines(reader, 'r', linesOf('search', [logAt(T)])).catch((error: unknown) => error);
      expect(historyFault(insert)).toBe('forbidden');
    } finally {
      await reader.close();
    }
  });

  it('refuses a wrong password, and says what is wrong with a query', async () => {
    const stranger = openHistory(own.url.replace(/:[^:@/]+@/, ':wrong@'));
    expect((await historyStanding(stranger)).state).toBe('away');
    await stranger.close();
    const wrong = await own.history.client.command({ query: 'SELECT nothing' }).catch((error: unknown) => error);
    expect(historyFault(wrong)).toBe('fault');
    const endless = await own.history.client
      .query({
        query: 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1',
        clickhouse_settings: { max_execution_time: 1 },
      })
      .then((answer) => answer.text())
      .catch((error: unknown) => error);
    expect(endless).toBeInstanceOf(Error);
    expect(historyFault(new Error('connect ECONNREFUSED'))).toBe('away');
  });
});
