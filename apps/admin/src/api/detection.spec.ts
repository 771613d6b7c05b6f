/** The report about detection: precision by the verdicts, the budget, drift against a copy; and a person's word about a demoted kind. */
import { type DetectionReport, VERDICT_UNDO_MS } from '@plimsoll/contracts';
import { copyBaselines, namedAudit, readAudit, savePopulations, settlePrecision } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { insertAlert, insertMinute, insertService } from '../../../../test/setup/records.js';

let server: AdminServer;
let owner: Visitor;
const shop = { params: { id: 'shop' } };
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

const report = async () => (await owner.call('detection', shop)).body as unknown as DetectionReport;
const kind = async (name: string) => (await report()).kinds.find((one) => one.kind === name);

async function judge(times: number, verdict: string, name: string): Promise<void> {
  const now = server.now() - VERDICT_UNDO_MS;
  const times_ = { resolvedAt: now, resolvedBy: 'Ada', heededAt: now, firstAt: now, lastAt: now };
  for (let index = 0; index < times; index += 1)
    await insertAlert(server.db, { kind: name, state: 'resolved', verdict, ...times_ });
}

describe('the report', () => {
  it('has every kind, with the interval of what was judged', async () => {
    await judge(3, 'true-positive', 'probing');
    await judge(1, 'false-positive', 'probing');
    await judge(2, 'expected-change', 'probing');
    const { kinds, days, floor } = await report();
    expect([kinds.length, days, floor]).toEqual([13, 30, 0.3]);
    const probing = await kind('probing');
    expect(probing).toMatchObject({
      opened: 6,
      confirmed: 3,
      falseAlarms: 1,
      expected: 2,
      precision: 0.75,
      mode: 'on',
      demotedAt: null,
    });
    expect(probing?.low).toBeCloseTo(0.3006, 3);
    expect(probing?.high).toBeCloseTo(0.9544, 3);
    expect(await kind('flood')).toMatchObject({ opened: 0, precision: null, low: 0, high: 1 });
  });

  it('says how far the budget stretches the limits', async () => {
    await owner.call('updateService', { ...shop, body: { settings: { alertBudget: 2 } } });
    for (let index = 0; index < 5; index += 1) await insertAlert(server.db, { severity: 'low', firstAt: server.now() });
    expect((await report()).budget).toEqual({ opened: 5, budget: 2, stretch: 2.5 });
  });

  it('compares everybody’s baselines with the oldest copy of the week', async () => {
    const { redis, env, db } = server.context;
    const namespace = env.PLIMSOLL_NAMESPACE;
    const population = (endpoint: string, mean: number, blocks = 200) => ({
      service: 'shop',
      endpoint,
      statistics: [{ windowSeconds: 60, blocks, mean, variance: mean }],
    });
    for (const endpoint of ['GET /a', 'GET /b', 'GET /few']) await insertMinute(db, { minute: server.now() - 60_000, endpoint });
    expect((await report()).drift).toEqual([]);
    await savePopulations(redis, namespace, [population('GET /a', 10), population('GET /b', 8), population('GET /few', 1, 3)]);
    const takenAt = server.now();
    await copyBaselines(db, redis, { namespace, shards: 1, now: takenAt });
    await savePopulations(redis, namespace, [population('GET /a', 12), population('GET /b', 2), population('GET /few', 9, 3)]);
    const told = { windowSeconds: 60, since: takenAt };
    expect((await report()).drift).toEqual([
      { endpoint: 'GET /b', before: 8, now: 2, ...told },
      { endpoint: 'GET /a', before: 10, now: 12, ...told },
    ]);
  });
});

describe('a demoted kind', () => {
  it('is restored by an owner’s word, once, with a row of the audit', async () => {
    await judge(9, 'false-positive', 'scraping');
    expect((await settlePrecision(server.db, server.now())).map((one) => one.kind)).toEqual(['scraping']);
    expect(await kind('scraping')).toMatchObject({ demotedAt: expect.any(Number), falseAlarms: 9, precision: 0 });
    const analyst = await server.signIn('analyst', 'Bob');
    const body = { kind: 'scraping' };
    expect((await analyst.call('restoreKind', { ...shop, body })).status).toBe(403);
    server.advance(10);
    expect((await owner.call('restoreKind', { ...shop, body })).status).toBe(200);
    expect(await kind('scraping')).toMatchObject({ demotedAt: null, falseAlarms: 0, precision: null });
    expect((await owner.call('restoreKind', { ...shop, body })).body).toMatchObject({ code: 'conflict' });
    const [row] = await namedAudit(server.db, await readAudit(server.db, { action: 'kind.restore' }, { limit: 1 }));
    expect(row).toMatchObject({ personName: 'Ada', service: 'shop', object: 'scraping' });
  });
});
