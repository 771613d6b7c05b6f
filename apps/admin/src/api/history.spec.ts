/** The history behind the API: what is asked is what is answered, what leaves is written down, and what is away says so. */
import { type HarmPreview, type HistoryRequest, problemSchema } from '@plimsoll/contracts';
import { namedAudit, resolveAlert, schema } from '@plimsoll/storage';
import { asc, eq, type SQL } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { insertAlert, insertReadingKey, insertService } from '../../../../test/setup/records.js';

let server: AdminServer;
let kept: OwnHistory;
let analyst: Visitor;
const now = Date.now();
/** The begin of a clock hour: windows of an hour are those of the clock, and all logs lie in one. */
const start = Math.floor(now / 3_600_000 - 1) * 3_600_000;

beforeAll(async () => {
  kept = await ownHistory();
  server = await AdminServer.start({ env: { CLICKHOUSE_URL: kept.readerUrl } });
  await insertService(server.db);
  await insertService(server.db, 'bank');
  await insertService(server.db, 'inn');
  analyst = await server.signIn('analyst', 'Bob');
  const calm = Array.from({ length: 60 }, (_, n) =>
    makeLog({ id: `ada-${n}`, ts: start + n * 1000, actor: 'ada', credential: 'key-1', ip: '192.0.2.1' }),
  );
  const fast = Array.from({ length: 90 }, (_, n) =>
    makeLog({ id: `eve-${n}`, ts: start + n * 100, actor: 'eve', ip: '192.0.2.2' }),
  );
  const lost = Array.from({ length: 30 }, (_, n) =>
    makeLog({ id: `scan-${n}`, ts: start + n * 100, path: `/Old_${n}%`, status: 404, ip: '2001:db8::5' }),
  );
  await keepLogs(kept.history, 'shop', [...calm, ...fast, ...lost]);
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  await server?.close();
  await kept?.drop();
});

const written = (which: SQL) => server.db.select().from(schema.audit).where(which).orderBy(asc(schema.audit.id));
const search = async (query: Record<string, string>) => {
  const { status, body } = await analyst.call('searchRequests', { query: { service: 'shop', ...query } });
  expect(status).toBe(200);
  return body as unknown as { items: HistoryRequest[]; nextCursor: string | null };
};

describe('a search', () => {
  it.each<[string, Record<string, string>, number]>([
    ['actor', { actor: 'ada' }, 60],
    ['address', { address: '192.0.2.2' }, 90],
    ['address in another form', { address: '2001:0DB8:0:0:0:0:0:5' }, 30],
    ['network', { address: '2001:db8::/64' }, 30],
    ['credential', { credential: 'key-1', limit: '200' }, 60],
    ['status', { status: '404' }, 30],
    ['class of status', { status: '4xx,500' }, 30],
    ['text of the path, literally', { path: 'old_1%' }, 1],
    ['method', { method: 'post' }, 0],
    ['endpoint', { endpoint: 'GET /items', actor: 'eve' }, 90],
    ['verdict', { verdict: 'block,throttle' }, 0],
    ['time', { actor: 'ada', from: String(start + 10_000), to: String(start + 20_000) }, 10],
  ])('by %s finds what is meant', async (_, query, count) => {
    expect((await search({ limit: '200', ...query })).items).toHaveLength(count);
  });

  it('is paged, newest first, without a request twice or missing', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof search>> = await search({ actor: 'eve', limit: '40', ...(cursor ? { cursor } : {}) });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(ids).toEqual(Array.from({ length: 90 }, (_, n) => `eve-${89 - n}`));
  });

  it.each([
    ['a service that is not there', { service: 'nowhere' }, 404],
    ['a cursor of somebody else', { service: 'shop', cursor: 'bm90IG91cnM' }, 400],
    ['a time that ends before it begins', { service: 'shop', from: '5', to: '5' }, 400],
    ['a status that is none', { service: 'shop', status: '9xx' }, 400],
    ['a range that is none', { service: 'shop', address: '2001:db8::/129' }, 400],
    ['no service at all', {}, 400],
  ])('refuses %s', async (_, query, status) => {
    const answer = await analyst.call('searchRequests', { query });
    expect([answer.status, problemSchema.parse(answer.body).status]).toEqual([status, status]);
  });
});

describe('what is kept', () => {
  it('is told, of one service and of none that is not there', async () => {
    const { body } = await analyst.call('history', { query: { service: 'shop' } });
    expect(body).toMatchObject({ state: 'on', reason: null, oldest: start, newest: start + 59_000, requests: 180, gaps: [] });
    expect((await analyst.call('history', { query: { service: 'bank' } })).body).toMatchObject({ oldest: null, requests: 0 });
    expect((await analyst.call('history', { query: { service: 'nowhere' } })).status).toBe(404);
  });

  it('is counted over time, in every bucket', async () => {
    const query = { service: 'shop', from: String(start), to: String(start + 60_000), buckets: '60' };
    const { body } = await analyst.call('histogram', { query });
    const buckets = body['buckets'] as { requests: number; clientErrors: number }[];
    const sum = (name: 'requests' | 'clientErrors') => buckets.reduce((total, bucket) => total + bucket[name], 0);
    expect([body['requests'], sum('requests'), sum('clientErrors')]).toEqual([180, 180, 30]);
    expect(buckets.length).toBeGreaterThan(20);
  });

  it('shows the neighbours of a request, and says where there is no such one', async () => {
    const query = { service: 'shop', ts: String(start + 30_000), before: '2', after: '1' };
    const { body } = await analyst.call('neighbours', { params: { id: 'ada-30' }, query });
    expect((body['items'] as HistoryRequest[]).map(({ id }) => id)).toEqual(['ada-28', 'ada-29', 'ada-30', 'ada-31']);
    expect((await analyst.call('neighbours', { params: { id: 'ada-31' }, query })).status).toBe(404);
    expect((await analyst.call('neighbours', { params: { id: 'ada-30' }, query: { ...query, service: 'nowhere' } })).status).toBe(
      404,
    );
  });
});

const key = () => insertReadingKey(server.db, server.now());
const exportBy = (secret: string, query: Record<string, string>) =>
  server.fetch(`/api/history/export?${new URLSearchParams(query)}`, { headers: { authorization: `Bearer ${secret}` } });

describe('an export', () => {
  it('streams what was asked for, says where it was cut, and is written down', async () => {
    const { text, headers } = await analyst.call('exportRequests', { query: { service: 'shop', actor: 'eve', limit: '40' } });
    const lines = text.trim().split('\n');
    expect(lines.pop()).toBe('{"end":{"requests":40,"truncated":true}}');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(Array.from({ length: 40 }, (_, n) => `eve-${n}`));
    expect(headers.get('content-disposition')).toBe('attachment; filename="shop-requests.ndjson"');
    const whole = await analyst.call('exportRequests', { query: { service: 'shop', actor: 'eve', limit: '90' } });
    expect(whole.text.trim().split('\n').pop()).toBe('{"end":{"requests":90,"truncated":false}}');
    const rows = await written(eq(schema.audit.action, 'history.export'));
    const eve = { actors: [expect.stringMatching(/^sub_/)] };
    expect(rows).toMatchObject([
      { object: 'shop', personId: analyst.person.id, detail: { ...eve, limit: 40 } },
      { detail: { ...eve, limit: 90 } },
    ]);
    expect(JSON.stringify(rows.map(({ detail }) => detail))).not.toContain('eve');
    expect(await namedAudit(server.db, rows)).toMatchObject([{ detail: { actors: ['eve'] } }, {}]);
  });

  it('is for a person who proves to be there, and for an API key that may read', async () => {
    const query = { service: 'shop', actor: 'eve', limit: '2' };
    const { status, body } = await analyst.call('exportRequests', { query, stepUp: false });
    expect([status, body['code']]).toEqual([403, 'step-up-required']);
    const byKey = await exportBy(await key(), query);
    expect([byKey.status, byKey.text.trim().split('\n').length]).toEqual([200, 3]);
  });

  it('is one at a time for a person, and the next waits its turn', async () => {
    const query = { service: 'shop', actor: 'eve', limit: '90' };
    const [one, other] = [await key(), await key()];
    const statuses = (await Promise.all(Array.from({ length: 8 }, () => exportBy(one, query)))).map((each) => each.status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const both = await Promise.all([exportBy(one, query), exportBy(other, query)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('a harm preview', () => {
  const preview = async (would: object, service = 'shop') => {
    const { status, body } = await analyst.call('harmPreview', { body: { service, days: 1, would } });
    expect([status, body]).toEqual([200, expect.anything()]);
    return body as unknown as HarmPreview;
  };

  it('names whom a limit would have hit, with what was found of them', async () => {
    const id = await insertAlert(server.db, { subjectId: 'eve', firstAt: start, lastAt: now });
    await server.db.transaction((tx) =>
      resolveAlert(tx, id, { by: { id: 'per_bob', name: 'Bob' }, verdict: 'true-positive', now }),
    );
    const hit = await preview({ type: 'limit', atMost: 20, windowSeconds: 10 });
    const [eve] = hit.subjects;
    expect(hit).toMatchObject({ total: 1, verdicts: { 'true-positive': 1 }, requests: 180, missing: 0 });
    expect(eve).toMatchObject({ subject: { type: 'actor', id: 'eve' }, requests: 90, verdict: 'true-positive', kinds: ['rate'] });
    expect(eve?.refused).toBeGreaterThanOrEqual(50);
    expect(hit.refused).toBe(eve?.refused);
    const all = await preview({ type: 'limit', atMost: 0, windowSeconds: 3600 });
    expect(all).toMatchObject({ total: 2, refused: 150, verdicts: { 'true-positive': 1, none: 1 } });
  });

  it.each([
    ['probing', { kind: 'probing', per: 'address', atMost: 10, windowSeconds: 86_400 }, '2001:db8::/64', 20],
    ['bytes', { kind: 'exfiltration', per: 'address', atMost: 5000, windowSeconds: 86_400 }, '192.0.2.2', 40],
  ])('counts by the kind: %s', async (_, limit, id, refused) => {
    const { subjects } = await preview({ type: 'limit', ...limit });
    expect(subjects[0]).toMatchObject({ subject: { type: 'address', id }, refused });
  });

  it('names the users behind an address or a credential, and shares out what a throttle would have refused', async () => {
    const block = await preview({ type: 'decision', action: 'block', subject: { type: 'address', id: '192.0.2.2' } });
    expect(block).toMatchObject({ total: 1, refused: 90, users: { total: 1, verdicts: { 'true-positive': 1 } } });
    const eve = { subject: { type: 'actor', id: 'eve' }, refused: 90, requests: 90, verdict: 'true-positive', kinds: ['rate'] };
    expect(block.users?.subjects).toMatchObject([eve]);
    const key = await preview({ type: 'decision', action: 'block', subject: { type: 'credential', id: 'key-1' } });
    expect(key.users).toMatchObject({ total: 1, subjects: [{ subject: { id: 'ada' }, refused: 60, verdict: 'none' }] });
    // Nobody is vouched for behind the scanner's network.
    const scanner = await preview({ type: 'decision', action: 'block', subject: { type: 'address', id: '2001:db8::5' } });
    expect(scanner).toMatchObject({ refused: 30, users: { total: 0, subjects: [], verdicts: {} } });
    const rate = { requests: 30, windowSeconds: 86_400 };
    const throttle = await preview({ type: 'decision', action: 'throttle', subject: { type: 'address', id: '192.0.2.2' }, rate });
    expect(throttle.users?.subjects[0]?.refused).toBe(throttle.refused);
    expect(await preview({ type: 'decision', action: 'block', subject: { type: 'actor', id: 'ada' } })).toMatchObject({
      users: null,
    });
  });

  it('says what one decision would have refused: of an IPv6 address its network', async () => {
    const block = await preview({ type: 'decision', action: 'block', subject: { type: 'address', id: '2001:db8::9' } });
    expect(block).toMatchObject({ total: 1, refused: 30, subjects: [{ subject: { id: '2001:db8::/64' }, refused: 30 }] });
    const rate = { requests: 30, windowSeconds: 3600 };
    const throttle = await preview({ type: 'decision', action: 'throttle', subject: { type: 'actor', id: 'ada' }, rate });
    expect(throttle.refused).toBeGreaterThanOrEqual(28);
    expect(throttle.refused).toBeLessThanOrEqual(30);
    expect(await preview({ type: 'decision', action: 'block', subject: { type: 'actor', id: 'nobody' } })).toMatchObject({
      total: 0,
      subjects: [],
    });
  });

  it('puts beside an IPv6 network what was found of any address in it, and all that these asked', async () => {
    const from = (ip: string, name: string) =>
      Array.from({ length: 10 }, (_, n) => makeLog({ id: `${name}-${n}`, ts: start + n * 100, ip }));
    const inside = ['2001:db8:7::1', '2001:db8:7::2', '2001:db8:7:0:9::3'].flatMap((ip, n) => from(ip, `in-${n}`));
    await keepLogs(kept.history, 'inn', [...inside, ...from('2001:db8:8::1', 'out'), ...from('192.0.2.9', 'four')]);
    const about = { service: 'inn', subjectType: 'address', firstAt: start, lastAt: now };
    const id = await insertAlert(server.db, { ...about, subjectId: '2001:db8:7:0:9::3' });
    await insertAlert(server.db, { ...about, subjectId: '2001:db8:8::1' });
    await server.db.transaction((tx) =>
      resolveAlert(tx, id, { by: { id: 'per_bob', name: 'Bob' }, verdict: 'true-positive', now }),
    );
    const network = {
      subject: { type: 'address', id: '2001:db8:7::/64' },
      requests: 30,
      verdict: 'true-positive',
      kinds: ['rate'],
    };
    const subject = { type: 'address', id: '2001:DB8:7::9' };
    const rate = { requests: 10, windowSeconds: 86_400 };
    const held = await preview({ type: 'decision', action: 'throttle', subject, rate }, 'inn');
    expect(held).toMatchObject({ subjects: [{ ...network, refused: 20 }], verdicts: { 'true-positive': 1 } });
    const limited = await preview({ type: 'limit', per: 'address', atMost: 5, windowSeconds: 86_400 }, 'inn');
    expect(limited.subjects).toMatchObject([
      { ...network, refused: 25 },
      { subject: { id: '192.0.2.9' }, requests: 10, verdict: 'none' },
      { subject: { id: '2001:db8:8::/64' }, requests: 10, verdict: 'open' },
    ]);
  });

  it('is refused without a rate, and of a service that is not there, and written down where it was seen', async () => {
    const ask = (body: object) => analyst.call('harmPreview', { body });
    const would = { type: 'decision', action: 'throttle', subject: { type: 'actor', id: 'ada' } };
    expect((await ask({ service: 'shop', would })).status).toBe(400);
    expect((await ask({ service: 'nowhere', would: { ...would, action: 'block' } })).status).toBe(404);
    const rows = await written(eq(schema.audit.action, 'harm.preview'));
    expect(rows.length).toBeGreaterThan(3);
    expect(rows[0]).toMatchObject({ object: 'shop', personId: analyst.person.id, detail: { days: 1 } });
  });
});

describe('without a history', () => {
  it('everything that needs one says why, and what is kept is off', async () => {
    const without = await AdminServer.start({ shared: server });
    const visitor = await without.signIn('analyst', 'Cem');
    const body = { service: 'shop', days: 1 };
    const answers = await Promise.all([
      visitor.call('searchRequests', { query: { service: 'shop' } }),
      visitor.call('exportRequests', { query: { service: 'shop' } }),
      visitor.call('createBacktest', { body }),
      visitor.call('harmPreview', { body: { service: 'shop', would: { type: 'limit', atMost: 5, windowSeconds: 60 } } }),
    ]);
    for (const answer of answers)
      expect([answer.status, answer.body['detail']]).toEqual([503, expect.stringMatching(/CLICKHOUSE_URL/)]);
    expect((await visitor.call('history', { query: { service: 'shop' } })).body).toMatchObject({ state: 'off', requests: 0 });
    await without.close();
  });
});

describe('backtests', () => {
  it('are asked for, listed, and cancelled once, each written down', async () => {
    const asked = await analyst.call('createBacktest', { body: { service: 'shop', days: 2, settings: { sensitivity: 3 } } });
    expect([asked.status, asked.body]).toMatchObject([201, { state: 'queued', settings: { sensitivity: 3 }, createdBy: 'Bob' }]);
    const id = String(asked.body['id']);
    const { body } = await analyst.call('backtests', { query: { service: 'shop' } });
    expect((body['items'] as { id: string }[]).map((each) => each.id)).toEqual([id]);
    expect((await analyst.call('cancelBacktest', { params: { id } })).body).toMatchObject({ state: 'cancelled' });
    expect((await analyst.call('cancelBacktest', { params: { id } })).status).toBe(409);
    const rows = await written(eq(schema.audit.object, id));
    expect(rows.map(({ action }) => action)).toEqual(['backtest.create', 'backtest.cancel']);
  });

  it.each([
    ['a service that is not there', { service: 'nowhere', days: 1 }, 404],
    ['no time', { service: 'shop' }, 400],
    ['two times', { service: 'shop', days: 1, from: 5 }, 400],
    ['a time to come', { service: 'shop', from: now + 9_000_000 }, 400],
    ['settings that are none', { service: 'shop', days: 1, settings: { sensitivty: 3 } }, 400],
  ])('are refused for %s', async (_, body, status) => {
    expect((await analyst.call('createBacktest', { body })).status).toBe(status);
  });
});
