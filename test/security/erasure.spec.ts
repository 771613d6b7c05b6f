/**
 * An actor is erased from every store by one call (privacy): PostgreSQL, Redis and ClickHouse are searched for the id afterwards, as
 * text, table by table and key by key. Real stores, a real worker, the admin API and the command line; one actor beside others who stay.
 */
import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Erasure, Outlook, RequestLog } from '@plimsoll/contracts';
import { feedSince, getService, openHistory, readAudit, schema, updateService, verifyAudit } from '@plimsoll/storage';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HistoryPool } from '../../apps/worker/src/history/pool.js';
import { openWorker, type Worker } from '../../apps/worker/src/worker.js';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { makeLog } from '../setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../setup/history.js';
import { insertAlert, insertAlertRequest } from '../setup/records.js';
import { openStage, type Stage } from '../setup/worker-stage.js';

/** With every character that a store writes in a way of its own. */
const ACTOR = 'mall"ory\u00e9 7f3';
const OTHER = 'bystander-1';
const program = fileURLToPath(new URL('../../apps/cli/bin/plimsoll.mjs', import.meta.url));
/** The id as stores write it: plain, in JSON, in JSON beyond ASCII, twice in JSON, in a URL. */
const FORMS = [ACTOR, JSON.stringify(ACTOR).slice(1, -1), 'mall\\"ory\\u00e9 7f3', 'mall\\\\"ory', 'ory%C3%A9', 'oryé 7f3'];

let stage: Stage;
let kept: OwnHistory;
let worker: Worker;
let admin: AdminServer;
let owner: Visitor;
const closers: (() => unknown)[] = [];

/** All within one minute of the clock, so that no window begins in their midst. */
function logs(actor: string, count: number, prefix: string): RequestLog[] {
  const ago = Date.now() - 1_000;
  const first = (ago + count) % 60_000 < count ? ago - count : ago;
  return Array.from({ length: count }, (_, at) =>
    makeLog({
      ...{ id: `${prefix}-${at}`, ts: first + at, actor, ip: '203.0.113.9', credential: 'c1', userAgent: 'agent/1' },
      ...{ path: `/items/${at % 7}`, route: '/items/:id', status: at % 5 === 0 ? 404 : 200 },
    }),
  );
}

/** What a model holds of an hour is less when the hour is over: where too little of it is left, the next one is waited for. */
const LEAST_OF_HOUR_MS = 90_000;

beforeAll(async () => {
  const left = 3_600_000 - (Date.now() % 3_600_000);
  if (left < LEAST_OF_HOUR_MS) await sleep(left);
  kept = await ownHistory({ tables: false });
  stage = await openStage();
  admin = await AdminServer.start({
    env: { DATABASE_URL: stage.databaseUrl, PLIMSOLL_NAMESPACE: stage.env.PLIMSOLL_NAMESPACE, CLICKHOUSE_URL: kept.readerUrl },
  });
  const history = openHistory(kept.url, { timeoutMs: 5_000 });
  worker = await openWorker({ ...stage.context(), history: new HistoryPool(history, 1 << 25, 30, 300) });
  closers.push(
    () => history.close(),
    () => worker.close(),
  );
  owner = await admin.signIn('owner', 'Ada');
}, ENGINE_WITHIN_MS + LEAST_OF_HOUR_MS);
afterAll(async () => {
  await admin?.close();
  for (const close of closers.reverse()) await close();
  await stage?.close();
  await kept?.drop();
});

/** Tables, keys and rows that hold the text in any of its forms. */
async function found(forms = FORMS): Promise<string[]> {
  const holds = (text: string) => forms.some((form) => text.includes(form));
  const places: string[] = [];
  const { rows } = await stage.db.execute<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  for (const { name } of rows) {
    const table = await stage.db.execute<{ row: string }>(sql`select t::text as row from ${sql.identifier(name)} t`);
    if (table.rows.some(({ row }) => holds(row) || holds(row.replaceAll('""', '"')))) places.push(`table ${name}`);
  }
  for (const key of await keysOf()) {
    const text = await contentOf(key);
    if (holds(key) || holds(text)) places.push(`key ${key}`);
  }
  const answer = await kept.history.client.query({ query: 'SELECT * FROM request_log', format: 'JSONEachRow' });
  if (holds(JSON.stringify(await answer.json())) || holds((await answerText()).toString())) places.push('request_log');
  return places;
}
async function answerText(): Promise<string> {
  const answer = await kept.history.client.query({ query: 'SELECT * FROM request_log', format: 'JSONEachRow' });
  return answer.text();
}
async function keysOf(): Promise<string[]> {
  const keys: string[] = [];
  for await (const some of stage.redis.scanStream({ match: `*${stage.env.PLIMSOLL_NAMESPACE}*`, count: 1_000 }))
    keys.push(...(some as string[]));
  return keys;
}
/** All of a key's value as text: latin-1, so that what is packed with text in it is seen. */
async function contentOf(key: string): Promise<string> {
  const type = await stage.redis.type(key);
  const read: Record<string, () => Promise<unknown>> = {
    string: () => stage.redis.getBuffer(key),
    hash: () => stage.redis.callBuffer('HGETALL', key),
    set: () => stage.redis.smembersBuffer(key),
    zset: () => stage.redis.zrangeBuffer(key, '0', '-1'),
    list: () => stage.redis.lrangeBuffer(key, 0, -1),
    stream: () => stage.redis.callBuffer('XRANGE', key, '-', '+'),
  };
  const flat = (value: unknown): string =>
    Buffer.isBuffer(value)
      ? `${value.toString('latin1')}\n${value.toString('utf8')}`
      : Array.isArray(value)
        ? value.map(flat).join('\n')
        : String(value);
  return flat(await read[type]?.());
}

async function done(id: string): Promise<Erasure> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { items } = (await owner.call('erasures')).body as unknown as { items: Erasure[] };
    const one = items.find((each) => each.id === id);
    if (one?.doneAt) return one;
    await sleep(200);
  }
  throw new Error('the erasure was not done within a minute');
}

async function settled(logsInHistory: number): Promise<void> {
  await expect
    .poll(async () => (await answerText()).trim().split('\n').filter(Boolean).length, { timeout: 20_000 })
    .toBe(logsInHistory);
}

/** Requests of the actor within an hour that the models hold, as a shard wrote them behind last. */
async function learnt(): Promise<number> {
  const { body } = await owner.call('outlook', { params: { id: 'shop' }, query: { type: 'actor', subject: ACTOR } });
  const { baselines } = body as unknown as Outlook;
  return baselines.reduce((sum, { windows }) => sum + Math.max(...windows.map(({ observed }) => observed)), 0);
}

describe('one call', () => {
  let decisionId: string;
  let version: number;
  let report: Erasure;

  it('finds the actor in every store before', async () => {
    await stage.send([...logs(ACTOR, 120, 'm'), ...logs(OTHER, 60, 'o')]);
    await settled(180);
    // How many of a burst count in an hour depends on when it crossed which limit: that they are held is what is erased below.
    await expect.poll(learnt, { timeout: 15_000 }).toBeGreaterThan(0);
    const about = await insertAlert(stage.db, { subjectId: ACTOR, explanation: `${ACTOR} was quick` });
    await insertAlertRequest(stage.db, about, { actor: ACTOR });
    const other = await insertAlert(stage.db, {
      subjectId: OTHER,
      explanation: `${OTHER} with ${ACTOR}`,
      actors: { items: [OTHER, ACTOR], total: 2 },
      note: `see ${ACTOR}`,
    });
    await insertAlertRequest(stage.db, other, { actor: ACTOR });
    await owner.call('comment', { params: { id: other }, body: { text: `I called ${ACTOR} today` } });
    const subject = { type: 'actor', id: ACTOR };
    const made = await owner.call('decide', {
      body: { service: 'shop', action: 'block', subject, durationSeconds: 600, reason: `${ACTOR} again` },
    });
    decisionId = String(made.body['id']);
    version = Number(made.body['version']);
    await owner.call('saveView', { body: { name: 'one', search: `?subject=${encodeURIComponent(ACTOR)}` } });
    const groups = [{ name: 'staff', actors: [ACTOR, OTHER] }];
    expect((await owner.call('updateService', { params: { id: 'shop' }, body: { settings: { groups } } })).status).toBe(200);
    await owner.call('setPseudonyms', { body: { on: true } });
    await owner.call('alerts');
    await expect.poll(async () => (await found()).join(' '), { timeout: 15_000 }).toMatch(/key .*baselines/);
    const places = (await found()).join(' ');
    for (const table of [
      'alert',
      'alert_request',
      'alert_event',
      'decision',
      'service',
      'audit_party',
      'pseudonym',
      'saved_view',
    ])
      expect(places).toContain(`table ${table}`);
    expect(places).toContain('request_log');
  }, 100_000);

  it('is for owners who prove presence, with a reason', async () => {
    const analyst = await admin.signIn('analyst', 'Bob');
    const body = { actor: ACTOR, reason: 'asked by the person' };
    expect((await analyst.call('eraseActor', { body })).status).toBe(403);
    expect((await owner.call('eraseActor', { body: { actor: ACTOR } })).status).toBe(400);
    const unproved = await owner.call('eraseActor', { body, stepUp: false });
    expect([unproved.status, unproved.body['code']]).toEqual([403, 'step-up-required']);
  });

  it('removes it from all of them, and says what was removed and what is left', async () => {
    const answer = await owner.call('eraseActor', { body: { actor: ACTOR, reason: 'asked by the person' } });
    expect([answer.status, answer.body['doneAt']]).toEqual([201, null]);
    report = await done(String(answer.body['id']));
    const counts = Object.fromEntries(report.erased.map(({ place, count }) => [place, count]));
    expect(counts).toMatchObject({
      'request history': 120,
      'alerts about it': expect.any(Number),
      'alerts that named it': 1,
      decisions: 1,
      settings: 1,
      'saved views': 1,
      'names in the audit': 1,
      pseudonyms: 1,
    });
    expect(counts['baselines and open findings']).toBeGreaterThan(0);
    expect(report.kept.map(({ place }) => place)).toContain('the audit');
    await expect.poll(() => found(), { timeout: 20_000 }).toEqual([]);
  }, 90_000);

  it('leaves the others, the chain of the audit and the end of its block', async () => {
    expect(await found([OTHER])).toEqual(expect.arrayContaining(['request_log', 'table alert', 'table service']));
    const { faults } = await verifyAudit(stage.db, []);
    expect(faults).toEqual([]);
    const [row] = await readAudit(stage.db, { action: 'actor.erase' }, { limit: 1 });
    expect(row).toMatchObject({ personId: owner.person.id, object: report.id, detail: { pseudonym: report.pseudonym } });
    const change = await feedSince(stage.db, 'shop', version, Date.now());
    expect(change).toMatchObject({ type: 'delta', lifted: [decisionId] });
  });

  it('is forgotten by the models too: what comes next is a newcomer, and stays erased until it comes again', async () => {
    await stage.send(logs(OTHER, 40, 'p'));
    await settled(100);
    await sleep(6_000); // A snapshot of what the shards hold in memory.
    expect([await found(), await learnt()]).toEqual([[], 0]);
    await stage.send(logs(ACTOR, 10, 'again'));
    await expect.poll(() => found(), { timeout: 20_000 }).toContain('request_log');
    // A shard that had kept the actor in its memory would write what it knew from before beside what is new. What was refused (two of
    // these ten) counts in the windows up to a minute alone.
    await expect.poll(learnt, { timeout: 20_000 }).toBeOneOf([10, 8]);
  }, 60_000);

  it('can be given on the command line, as often as one likes', async () => {
    const { PLIMSOLL_MASTER_KEY: key } = admin.context.env;
    const env = { ...process.env, DATABASE_URL: stage.databaseUrl, PLIMSOLL_MASTER_KEY: key.toString('base64url') };
    const run = promisify(execFile)(
      process.execPath,
      [program, 'erase', ACTOR, '--reason', 'came back', '--wait', '60', '--data', '/nonexistent'],
      { env },
    );
    const { stdout } = await run;
    expect(stdout).toMatch(/is done\.\nErased:\n[\s\S]*10 {2}request history[\s\S]*Kept:\n {2}the audit/);
    await expect.poll(() => found(), { timeout: 20_000 }).toEqual([]);
    const again = await promisify(execFile)(
      process.execPath,
      [program, 'erase', ACTOR, '--reason', 'sure', '--wait', '60', '--data', '/nonexistent'],
      { env },
    );
    expect(again.stdout).toContain('is done.');
    const [stored] = await stage.db.select().from(schema.service).where(eq(schema.service.id, 'shop'));
    expect(stored?.settings.groups).toMatchObject([{ name: 'staff', actors: [OTHER] }]);
  }, 150_000);
});

describe('an id that looks like something else', () => {
  it('is erased like any other, and one order that cannot be carried out holds up none after it', async () => {
    await insertAlert(stage.db, { subjectId: 'bystander-2', actors: { items: ['bystander-2', '80'], total: 2 } });
    await stage.db.execute(sql`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused by the test'; end $$`);
    await stage.db.execute(sql`
      create trigger refuse before update on erasure for each row when (new.reason = 'stays' and new.done_at is not null)
      execute function refuse()`);
    const stays = await owner.call('eraseActor', { body: { actor: 'u-first', reason: 'stays' } });
    const order = await owner.call('eraseActor', { body: { actor: '80', reason: 'asked by the person' } });
    const { erased } = await done(String(order.body['id']));
    expect(erased).toContainEqual({ place: 'alerts that named it', count: 1 });
    const { items } = (await owner.call('erasures')).body as unknown as { items: Erasure[] };
    expect(items.find(({ id }) => id === stays.body['id'])?.doneAt).toBeNull();
    const { body, status } = await owner.call('alerts', { query: { subjectId: 'bystander-2' } });
    expect([status, (body['items'] as { signals: unknown }[])[0]?.signals]).toMatchObject([200, [{ observed: 80 }]]);
    await stage.db.execute(sql`drop trigger refuse on erasure`);
    await done(String(stays.body['id']));
  }, 90_000);

  it('takes from settings the endpoints that hold it where nobody else was, as the history tells before it forgets', async () => {
    const at = (actor: string, path: string) => makeLog({ id: `${actor}-${path}`, ts: Date.now(), actor, path });
    await keepLogs(kept.history, 'shop', [at('81', '/of/81'), at('81', '/both/81'), at(OTHER, '/both/81')]);
    const endpoints = ['GET /of/81', 'GET /both/81', 'GET /never/81'].map((endpoint) => ({ endpoint, sensitive: true }));
    await updateService(stage.db, 'shop', { settings: { allow: { actors: ['81'], addresses: [], credentials: [] }, endpoints } });
    const order = await owner.call('eraseActor', { body: { actor: '81', reason: 'asked by the person' } });
    const { erased } = await done(String(order.body['id']));
    const counts = new Map(erased.map(({ place, count }) => [place, count]));
    const places = ['request history', 'settings', 'endpoints, rules and flows in settings'];
    expect(places.map((place) => counts.get(place))).toEqual([2, 1, 1]);
    const stored = await getService(stage.db, 'shop');
    expect(stored?.settings).toMatchObject({ allow: { actors: [] }, endpoints: endpoints.slice(1) });
  }, 90_000);
});
