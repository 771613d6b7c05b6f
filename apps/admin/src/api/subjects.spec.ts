/** Searching for whoever and whatever is known, and what was learnt of one: only of what the caller may see. */
import { DEFAULT_SETTINGS, type Found, type Outlook } from '@plimsoll/contracts';
import { levelEntity, Model, type Population } from '@plimsoll/detection';
import {
  claimBaselines,
  ensureShards,
  saveBaselines,
  savePopulations,
  saveUsual,
  setPersonAttributes,
  shardOf,
  shardOfContribution,
  takeShards,
  updateService,
} from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { makeLog } from '../../../../test/setup/findings.js';
import { insertAlert, insertMinute, insertPending, insertService } from '../../../../test/setup/records.js';

const SHARDS = 2;
const MINUTE = 60_000;
let server: AdminServer;
let owner: Visitor;

beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  await insertService(server.db, 'bank');
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

const search = async (text: string, by = owner) => {
  const { body } = await by.call('search', { query: { text } });
  return body as unknown as { items: Found[]; history: boolean };
};

describe('the search', () => {
  it('finds services, endpoints and subjects by a part of their names, the very name first', async () => {
    await insertMinute(server.db, { minute: server.now() - MINUTE, endpoint: 'GET /mallory/:id' });
    await insertAlert(server.db, { subjectId: 'xx-mallory', firstAt: 1, lastAt: server.now() });
    for (const kind of ['rate', 'drift']) await insertAlert(server.db, { kind, subjectId: 'mallory', firstAt: 1, lastAt: 2 });
    await insertPending(server.db, 'shop', 'mallory');
    const { items, history } = await search('MALLORY');
    expect(history).toBe(false);
    expect(items.map(({ type, id, alerts, decisions }) => [type, id, alerts, decisions])).toEqual([
      ['actor', 'mallory', 2, 1],
      ['actor', 'xx-mallory', 1, 0],
      ['endpoint', 'GET /mallory/:id', 0, 0],
    ]);
    expect((await search('ban')).items).toMatchObject([{ type: 'service', id: 'bank' }]);
    expect((await search("%_'")).items).toEqual([]);
    expect((await owner.call('search', { query: { text: 'm' } })).status).toBe(400);
  });

  it('tells nothing of what the caller may not see', async () => {
    await insertAlert(server.db, { service: 'bank', subjectId: 'vault-guard' });
    const outsider = await server.signIn('analyst', 'Bob');
    await setPersonAttributes(server.db, outsider.person.id, { everyTeam: false, services: ['shop'] });
    server.advance(6_000); // What was known of the session is stale by now.
    expect((await search('vault')).items).toHaveLength(1);
    expect((await search('vault', outsider)).items).toEqual([]);
    expect((await search('bank', outsider)).items).toEqual([]);
    const elsewhere = { params: { id: 'bank' }, query: { type: 'actor', subject: 'vault-guard' } };
    expect((await outsider.call('outlook', elsewhere)).status).toBe(404);
  });
});

const ORDERS: Population = {
  service: 'shop',
  endpoint: 'GET /orders',
  statistics: [10, 60, 3600].map((windowSeconds) => ({ windowSeconds, blocks: 1_000, mean: 3, variance: 4 })),
};
/** The service's shard after ten seconds in which twenty actors did four times as much as they are used to. */
function surging(second: number): Model {
  const four = Math.round(65_536 * Math.log(4));
  const stirs: [number, number, number, number][] = [[1, 20, 20 * four, four]];
  const at = { second: second - 25, newest: (second - 15) * 1_000, logId: 'l1' };
  const endpoints = [{ endpoint: 'GET /orders', groups: [], stirs }];
  const model = new Model();
  model.absorb({ ...levelEntity('shop'), ...at, endpoints, samples: [], historical: false }, DEFAULT_SETTINGS);
  return model;
}

describe('an outlook', () => {
  it('is read from what the workers write behind, and knows the allow-list', async () => {
    const model = new Model();
    for (let index = 0; index < 400; index += 1) {
      const ts = server.now() - (400 - index) * MINUTE;
      const log = makeLog({ id: `l${index}`, ts, actor: 'ada', authenticated: true, path: '/orders' });
      model.learn(model.assess('shop', log, 'GET /orders', DEFAULT_SETTINGS));
      model.settle(ts);
    }
    await insertMinute(server.db, { minute: server.now() - MINUTE, endpoint: 'GET /orders' });
    await ensureShards(server.db, SHARDS);
    const { redis, env } = server.context;
    const leases = await takeShards(server.db, 'test', SHARDS, SHARDS);
    const write = async (shard: number, from: Model) => {
      const lease = leases.find((each) => each.shard === shard);
      if (lease === undefined) throw new Error('no lease');
      await claimBaselines(redis, env.PLIMSOLL_NAMESPACE, lease);
      await saveBaselines(redis, env.PLIMSOLL_NAMESPACE, lease, 1, from.takeChanges());
    };
    await savePopulations(redis, env.PLIMSOLL_NAMESPACE, [ORDERS]);
    await write(shardOf('shop', 'ada', SHARDS), model);
    const ask = async (subject: string) =>
      (await owner.call('outlook', { params: { id: 'shop' }, query: { type: 'actor', subject } })).body as unknown as Outlook;
    const { baselines, known, allowed } = await ask('ada');
    expect(allowed).toBe(false);
    expect(baselines).toMatchObject([{ endpoint: 'GET /orders' }]);
    const minute = baselines[0]?.windows.find(({ windowSeconds }) => windowSeconds === 60);
    expect(minute?.expected).toBeLessThan(minute?.limit ?? 0);
    expect(minute?.evidence.own).toBeGreaterThan(10);
    expect(minute?.level).toBe(1);
    expect(known).toMatchObject({ requests: 400 });
    await write(shardOfContribution(levelEntity('shop'), SHARDS), surging(Math.floor(server.now() / 1000)));
    const surged = (await ask('ada')).baselines[0]?.windows.find(({ windowSeconds }) => windowSeconds === 60);
    expect(surged?.level).toBeGreaterThan(2);
    expect(surged?.limit).toBeGreaterThan(minute?.limit ?? Number.POSITIVE_INFINITY);
    expect(await ask('nobody')).toEqual({ baselines: [], known: null, allowed: false });
    const allow = { ...DEFAULT_SETTINGS.allow, actors: ['nobo*'] };
    await server.db.transaction((tx) => updateService(tx, 'shop', { settings: { allow } }));
    expect(await ask('nobody')).toMatchObject({ allowed: true });
  });
});

describe('the baseline of an endpoint', () => {
  it('is what was learnt of everybody there, and nothing of an endpoint that nobody called', async () => {
    const { redis, env } = server.context;
    await savePopulations(redis, env.PLIMSOLL_NAMESPACE, [ORDERS]);
    const ask = async (endpoint: string, id = 'shop') => owner.call('endpointBaseline', { params: { id }, query: { endpoint } });
    const windows = [10, 60, 3600].map((windowSeconds) => ({ windowSeconds, mean: 3, deviation: 2, blocks: 1_000 }));
    expect((await ask('GET /orders')).body).toEqual({ windows });
    expect((await ask('GET /nothing')).body).toEqual({ windows: [] });
    expect((await ask('GET /orders', 'bank')).body).toEqual({ windows: [] });
    expect((await ask('GET /orders', 'nowhere')).status).toBe(404);
  });
});

describe('what is usual of services', () => {
  it('is the band that workers have learnt, of the services that the caller sees; of an endpoint the days before', async () => {
    const { redis, env } = server.context;
    const minute = Math.floor(server.now() / MINUTE);
    const usual = (service: string, low: number) => ({
      service,
      minute,
      bands: Array.from({ length: 336 }, (): [number, number] => [low, 2 * low]),
    });
    await saveUsual(redis, env.PLIMSOLL_NAMESPACE, [usual('shop', 10), usual('bank', 500)]);
    const ask = async (query: Record<string, string>, by = owner) => {
      const { body } = await by.call('usualTraffic', { query: { minutes: '10', bucketMinutes: '5', ...query } });
      return body as unknown as { basis: string; points: { low: number; high: number }[] };
    };
    expect(await ask({ service: 'shop' })).toMatchObject({ basis: 'model', points: [{ low: 50, high: 100 }, { low: 50 }] });
    expect((await ask({})).points[0]).toMatchObject({ low: 2_550, high: 5_100 });
    const outsider = await server.signIn('analyst', 'Cleo');
    await setPersonAttributes(server.db, outsider.person.id, { everyTeam: false, services: ['shop'] });
    server.advance(6_000);
    expect((await ask({}, outsider)).points[0]).toMatchObject({ low: 50, high: 100 });
    expect(await ask({ service: 'shop', endpoint: 'GET /orders' })).toEqual({ basis: 'days', points: [] });
    // A week of it needs no row of the roll-ups.
    expect((await ask({ service: 'shop', minutes: '10080', bucketMinutes: '120' })).points).toHaveLength(84);
  });
});
