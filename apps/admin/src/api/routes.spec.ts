/** Every operation of the contract. */
import { adminApi, type Operation, type OperationName, problemSchema } from '@plimsoll/contracts';
import { liftDecision, schema } from '@plimsoll/storage';
import { and, asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type CallInput, type Visitor } from '../../../../test/setup/admin-server.js';
import { Driver } from '../../../../test/setup/driver.js';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { insightCalls } from '../../../../test/setup/insight-calls.js';
import { oversightCalls } from '../../../../test/setup/oversight-calls.js';
import {
  insertAlert,
  insertAlertRequest,
  insertMinute,
  insertPending,
  insertService,
  T0,
} from '../../../../test/setup/records.js';
import { triageCalls } from '../../../../test/setup/triage-calls.js';

let server: AdminServer;
let kept: OwnHistory;
let owner: Visitor;
let analyst: Visitor;
beforeAll(async () => {
  kept = await ownHistory();
  server = await AdminServer.start({ env: { CLICKHOUSE_URL: kept.readerUrl, DEMO_SERVICE: 'shop' }, parent: new Driver() });
  await insertService(server.db);
  const rows = [makeLog({ id: 'log-1', ts: T0, actor: 'ada' }), makeLog({ id: 'log-2', ts: T0 + 1 })];
  await keepLogs(kept.history, 'shop', rows);
  [owner, analyst] = [await server.signIn('owner', 'Ada'), await server.signIn('analyst', 'Bob')];
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  await server?.close();
  await kept?.drop();
});
const names = Object.keys(adminApi) as OperationName[];
const operationOf = (name: OperationName): Operation => adminApi[name];

/** The answer has the shape of the contract and not one member more. */
function expectShape(name: OperationName, { status, body, headers, text }: Answer): void {
  const operation = operationOf(name);
  if (operation.streams) {
    expectLines(operation, text, headers);
    return;
  }
  expect([name, status, body]).toEqual([name, operation.status, expect.anything()]);
  expect(operation.response.parse(body)).toEqual(body);
  expect(headers.get('cache-control')).toBe('no-store');
}
/** A stream: each line in its shape, and a last one that says how many there were. */
function expectLines(operation: Operation, text: string, headers: Headers): void {
  expect(headers.get('content-type')).toBe(operation.streams);
  const lines = JSON.parse(`[${text.trim().replaceAll('\n', ',')}]`) as unknown[];
  expect(lines.pop()).toEqual({ end: { [operation.tag === 'audit' ? 'rows' : 'requests']: lines.length, truncated: false } });
  for (const line of lines) expect(operation.response.parse(line)).toEqual(line);
}
function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.body]).toEqual([status, expect.objectContaining({ code, status })]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(problemSchema.strict().parse(answer.body)).toEqual(answer.body);
}

const block = {
  service: 'shop',
  action: 'block',
  subject: { type: 'actor', id: 'mallory' },
  durationSeconds: 60,
  reason: 'flood',
};
const alertInput = async (body: unknown = {}): Promise<CallInput> => ({ params: { id: await insertAlert(server.db) }, body });
const decided = async () => String((await owner.call('decide', { body: block })).body['id']);
const key = async () => String((await owner.call('createKey', { params: { id: 'shop' }, body: { name: 'k' } })).body['id']);

const times = { service: 'shop', from: String(T0 - 1000), to: String(T0 + 1000) };
/** By somebody of its own each: few of one person may wait. */
const somebody = () => server.signIn('owner', `${Math.random()}`);
const backtest = async () => (await (await somebody()).call('createBacktest', { body: { service: 'shop', days: 1 } })).body['id'];

/** Nothing is to be said with these. */
const plain: readonly OperationName[] = ['me', 'installation', 'overview', 'deviating', 'pipeline', 'services', 'auditState'];
/** A good call of each operation that needs a token; signing in and out is in session.spec.ts. */
const good: Partial<Record<OperationName, () => CallInput | Promise<CallInput>>> = {
  ...Object.fromEntries(plain.map((name) => [name, () => ({})])),
  traffic: () => ({ query: { service: 'shop', minutes: '5', until: String(T0) } }),
  usualTraffic: () => ({ query: { service: 'shop', minutes: '60' } }),
  endpoints: () => ({ params: { id: 'shop' } }),
  ...triageCalls(() => [server, owner]),
  decisions: () => ({ query: { service: 'shop', active: 'true' } }),
  decide: () => ({ body: block }),
  lift: async () => ({ params: { id: await decided() }, body: {} }),
  confirm: async () => ({ params: { id: await insertPending(server.db) }, body: {} }),
  settlePending: () => ({ params: { id: 'shop' }, body: { answer: 'dismiss' } }),
  dryRun: () => ({ params: { id: 'shop' }, query: { days: '7' } }),
  createService: () => ({ body: { id: `svc-${Math.random().toString(36).slice(2)}` } }),
  updateService: () => ({ params: { id: 'shop' }, body: { policy: 'throttle', settings: { baseLimit: 50 } } }),
  instances: () => ({ params: { id: 'shop' } }),
  keys: () => ({ params: { id: 'shop' } }),
  createKey: () => ({ params: { id: 'shop' }, body: { name: 'production' } }),
  updateKey: async () => ({ params: { id: await key() }, body: { requireSignedBatches: true } }),
  rotateKey: async () => ({ params: { id: await key() }, body: { overlapHours: 1 } }),
  ...insightCalls(() => server),
  door: () => ({ params: { id: 'shop' } }),
  ...oversightCalls(() => server),
  revokeKey: async () => ({ params: { id: await key() } }),
  allowed: () => ({ params: { id: 'shop' } }),
  history: () => ({ query: { service: 'shop' } }),
  searchRequests: () => ({ query: { ...times, status: '2xx,404', actor: 'ada', limit: '5' } }),
  histogram: () => ({ query: { ...times, buckets: '20' } }),
  neighbours: () => ({ params: { id: 'log-1' }, query: { service: 'shop', ts: String(T0), of: 'service' } }),
  exportRequests: () => ({ query: times }),
  backtests: () => ({ query: { service: 'shop' } }),
  createBacktest: () => ({ body: { service: 'shop', days: 2, settings: { sensitivity: 3 } } }),
  backtest: async () => ({ params: { id: String(await backtest()) } }),
  cancelBacktest: async () => ({ params: { id: String(await backtest()) } }),
  harmPreview: () => ({ body: { service: 'shop', would: { type: 'limit', atMost: 5, windowSeconds: 60 } } }),
};
/** People's ways in and the access policy have specs of their own (ways-in.spec.ts, access.spec.ts). */
const elsewhere = (name: OperationName) => name === 'signOut' || ['account', 'members', 'access'].includes(operationOf(name).tag);
const guarded = names.filter((name) => !operationOf(name).open && !elsewhere(name));

describe('every operation', () => {
  it('is in the table of this test', () => {
    expect(Object.keys(good).sort()).toEqual([...guarded].sort());
  });

  it.each(guarded)('%s answers in the shape of its contract', async (name) => {
    await insertAlertRequest(server.db, await insertAlert(server.db));
    await insertMinute(server.db, { minute: T0, endpoint: `GET /${name}` });
    expectShape(name, await owner.call(name, await good[name]?.()));
  });

  it.each([...guarded, 'signOut' as const])('%s is closed without a token', async (name) => {
    const answer = await server.call(name, (await good[name]?.()) ?? {});
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers.get('www-authenticate')).toBe('DPoP algs="ES256"');
  });

  it.each(names.filter((name) => operationOf(name).method !== 'GET'))('%s is closed to other origins', async (name) => {
    const headers = { origin: 'http://evil.example' };
    expectProblem(await owner.call(name, { ...(await good[name]?.()), headers }), 403, 'forbidden');
  });

  it.each(guarded)('%s refuses fields that it does not know', async (name) => {
    const input = (await good[name]?.()) ?? {};
    const { method } = operationOf(name);
    const answer = await owner.call(name, {
      ...input,
      ...(method === 'GET'
        ? { query: { ...input.query, role: 'owner' } }
        : { body: { ...(input.body as object), createdAt: 1 } }),
    });
    expectProblem(answer, 400, 'invalid-body');
  });

  it.each(guarded.filter((name) => operationOf(name).params))('%s knows no such id', async (name) => {
    const input = (await good[name]?.()) ?? {};
    expectProblem(await owner.call(name, { ...input, params: { id: 'none' } }), 404, 'not-found');
    // Ids of request logs are their clients' own texts.
    if (name === 'neighbours') return;
    expectProblem(await owner.call(name, { ...input, params: { id: "a' or 1=1" } }), 400, 'invalid-body');
  });
});

describe('roles', () => {
  const ownersOnly: OperationName[] = [
    ...(['audit', 'exportAudit', 'auditState', 'verifyAudit', 'setPseudonyms', 'eraseActor', 'erasures'] as const),
    'createService',
    'updateService',
    'restoreKind',
    'createKey',
    'updateKey',
    'rotateKey',
    'revokeKey',
  ];

  it.each(ownersOnly)('%s is refused to an analyst, and the attempt is written down', async (name) => {
    expectProblem(await analyst.call(name, await good[name]?.()), 403, 'forbidden');
    const which = and(eq(schema.audit.object, name), eq(schema.audit.personId, analyst.person.id));
    // It may be written a moment after the answer.
    await expect
      .poll(async () => server.db.select().from(schema.audit).where(which))
      .toMatchObject([
        {
          action: 'access.denied',
          outcome: 'denied',
          sessionId: expect.stringMatching(/^ses_/),
          address: expect.stringMatching(/./),
        },
      ]);
  });

  it.each(guarded.filter((name) => !ownersOnly.includes(name) && name !== 'removeView'))(
    '%s is open to an analyst',
    async (name) => {
      expectShape(name, await analyst.call(name, await good[name]?.()));
    },
  );
});

describe('alerts', () => {
  it('are paged by a cursor, and a made-up cursor is a 400', async () => {
    await Promise.all(Array.from({ length: 3 }, () => insertAlert(server.db, { kind: 'scraping' })));
    const first = await owner.call('alerts', { query: { kind: 'scraping', limit: '2' } });
    expect(first.body['items']).toHaveLength(2);
    const rest = await owner.call('alerts', {
      query: { kind: 'scraping', limit: '2', cursor: String(first.body['nextCursor']) },
    });
    expect(rest.body['items']).toHaveLength(1);
    expect(rest.body['nextCursor']).toBeNull();
    expectProblem(await owner.call('alerts', { query: { cursor: 'bm90IG91cnM' } }), 400, 'bad-request');
    expectProblem(await owner.call('alerts', { query: { limit: '0' } }), 400, 'invalid-body');
    expectProblem(await owner.call('alerts', { query: { state: 'closed' } }), 400, 'invalid-body');
  });

  it.each(['acknowledge', 'resolve'] as const)('that are resolved cannot be settled again: %s', async (name) => {
    const input = await alertInput({ verdict: 'true-positive' });
    expect((await owner.call('resolve', input)).status).toBe(200);
    const body = name === 'resolve' ? { verdict: 'false-positive' } : {};
    expectProblem(await analyst.call(name, { ...input, body }), 409, 'conflict');
    const after = await owner.call('alert', { params: input.params ?? {} });
    expect(after.body['alert']).toMatchObject({ state: 'resolved', verdict: 'true-positive', resolvedBy: 'Ada' });
  });

  it('leave an audit row with each change and none with a refusal', async () => {
    const input = await alertInput({ note: 'a\nb' });
    await owner.call('acknowledge', input);
    await owner.call('resolve', { ...input, body: { verdict: 'true-positive' } });
    await owner.call('resolve', { ...input, body: { verdict: 'true-positive' } });
    const rows = await server.db
      .select()
      .from(schema.audit)
      .where(eq(schema.audit.object, input.params?.['id'] ?? ''))
      .orderBy(asc(schema.audit.id));
    expect(rows).toMatchObject([
      { action: 'alert.acknowledge', personId: owner.person.id, reason: 'a b', after: { state: 'acknowledged' } },
      { action: 'alert.resolve', personId: owner.person.id, reason: null, after: { verdict: 'true-positive' } },
    ]);
    expect(rows[0]).toMatchObject({ outcome: 'allowed', userAgent: expect.any(String), requestId: expect.any(String) });
  });
});

describe('decisions', () => {
  it('by a person carry the name, the end and the next version of the feed', async () => {
    const before = server.now();
    const { body } = await analyst.call('decide', { body: { ...block, durationSeconds: 600 } });
    expect(body).toMatchObject({ origin: { type: 'person', name: 'Bob' }, action: 'block', endpoint: null, rate: null });
    expect(Number(body['until'])).toBeGreaterThanOrEqual(before + 600_000);
    const next = await owner.call('decide', { body: block });
    expect(next.body['version']).toBe(Number(body['version']) + 1);
  });

  it('throttle at the rate that was given, or at the limit that the alert learnt', async () => {
    const throttle = { ...block, action: 'throttle' };
    const rate = { requests: 3, windowSeconds: 10 };
    expect((await owner.call('decide', { body: { ...throttle, rate } })).body['rate']).toEqual(rate);
    const alertId = await insertAlert(server.db, { limit: 20, windowSeconds: 60 });
    const learnt = await owner.call('decide', { body: { ...throttle, alertId } });
    expect(learnt.body).toMatchObject({ rate: { requests: 20, windowSeconds: 60 }, alertId });
  });

  it.each([
    ['a throttle without a rate', () => ({ action: 'throttle' })],
    [
      'a throttle by an alert that learnt no limit of requests',
      async () => ({ action: 'throttle', alertId: await insertAlert(server.db, { unit: 'failures' }) }),
    ],
    ['a block with a rate', () => ({ rate: { requests: 1, windowSeconds: 1 } })],
    ['a rate of nothing', () => ({ action: 'throttle', rate: { requests: 0, windowSeconds: 1 } })],
    ['a subject that no bouncer knows', () => ({ subject: { type: 'service', id: 'shop' } })],
    ['a rate beyond what a bouncer takes', () => ({ action: 'throttle', rate: { requests: 1e-9, windowSeconds: 1 } })],
    ['an address that is none', () => ({ subject: { type: 'address', id: '192.0.2.300' } })],
    ['an endpoint without its method', () => ({ endpoint: '/orders/:id' })],
    ['a second only', () => ({ durationSeconds: 1 })],
    ['no reason', () => ({ reason: '   ' })],
  ])('refuse %s', async (_, part) => {
    expectProblem(await owner.call('decide', { body: { ...block, ...(await part()) } }), 400, 'invalid-body');
  });

  it('need a service and an alert that exist and belong together', async () => {
    expectProblem(await owner.call('decide', { body: { ...block, service: 'nowhere' } }), 404, 'not-found');
    expectProblem(await owner.call('decide', { body: { ...block, alertId: 'alt_none' } }), 404, 'not-found');
    await insertService(server.db, 'bank');
    const alertId = await insertAlert(server.db, { service: 'bank' });
    expectProblem(await owner.call('decide', { body: { ...block, alertId } }), 404, 'not-found');
  });

  it('are lifted once', async () => {
    const id = await decided();
    const lifted = await analyst.call('lift', { params: { id }, body: { reason: 'calmed down' } });
    expect(lifted.body).toMatchObject({ id, liftedBy: 'Bob' });
    expectProblem(await owner.call('lift', { params: { id }, body: {} }), 409, 'conflict');
    const other = await decided();
    await server.db.transaction((tx) => liftDecision(tx, other, 'somebody else', server.now()));
    expectProblem(await owner.call('lift', { params: { id: other }, body: {} }), 409, 'conflict');
  });
});
