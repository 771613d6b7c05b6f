/**
 * The console watches itself, with real servers: console, ingestion and worker on one database. A member's account that somebody else
 * uses sweeps the API; what follows is found, told, and felt by that account alone.
 */
import { type Alert, SELF_SERVICE } from '@plimsoll/contracts';
import { openRedis, RequestQueue, schema, sessionCredential } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openWorker, type Worker } from '../../apps/worker/src/worker.js';
import { AdminServer, type Answer, type Visitor } from '../setup/admin-server.js';
import { IngestServer } from '../setup/ingest-server.js';
import { KeyHolder } from '../setup/key-holder.js';
import { listen } from '../setup/listener.js';
import { insertAlert } from '../setup/records.js';

let ingest: IngestServer;
let server: AdminServer;
let worker: Worker;
let owner: Visitor;
let stolen: Visitor;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  ingest = await IngestServer.start();
  const { DATABASE_URL, PLIMSOLL_NAMESPACE, PLIMSOLL_SHARDS } = ingest.env;
  const env = { DATABASE_URL, PLIMSOLL_NAMESPACE, OWN_INGEST_URL: ingest.app.url };
  server = await AdminServer.start({ env, watched: true });
  const connection = (role: string) => {
    const opened = openRedis(inject('redisUrl'), role);
    closers.push(() => opened.disconnect());
    return opened;
  };
  const redis = connection('watch-worker');
  const queue = new RequestQueue(redis, { namespace: PLIMSOLL_NAMESPACE, shards: PLIMSOLL_SHARDS });
  closers.push(() => queue.close());
  const subscriber = connection('watch-worker-subscriber');
  worker = await openWorker({
    ...{ env: { PLIMSOLL_NAMESPACE, PLIMSOLL_SHARDS }, db: server.db, redis, subscriber, queue },
    ...{ now: Date.now, log: pino({ level: 'silent' }) },
  });
  [owner, stolen] = [await server.signIn('owner', 'Ada'), await server.signIn('owner', 'Mallory', new KeyHolder())];
});
afterAll(async () => {
  await worker?.close();
  await server?.close();
  await ingest?.stop();
  for (const close of closers.reverse()) await close();
});

const ownMinutes = () => server.db.select().from(schema.trafficMinute).where(eq(schema.trafficMinute.service, SELF_SERVICE));
const counted = async () => (await ownMinutes()).reduce((sum, { requests }) => sum + requests, 0);
const found = async () =>
  (await owner.call('alerts', { query: { service: SELF_SERVICE, limit: '50' } })).body['items'] as Alert[];
/** As the token says; nobody checks it here. */
const sessionOf = ({ session }: Visitor): string =>
  JSON.parse(Buffer.from(session.accessToken.split('.')[1] ?? '', 'base64url').toString()).sid;
let made = 0;
const change = ({ call }: Visitor): Promise<Answer> => {
  made += 1;
  return call('createService', { body: { id: `stall-${made}` } });
};

describe('the console watches itself', { timeout: 60_000 }, () => {
  it('by the logs of its own requests: operation, person, digest of the session, no query and no secret', async () => {
    await owner.call('alerts');
    await server.fetch('/api/nothing/here');
    await expect
      .poll(async () => (await ownMinutes()).map(({ endpoint }) => endpoint), { timeout: 10_000 })
      .toEqual(expect.arrayContaining(['GET /api/alerts', 'POST /api/session']));
  });

  it('and does not feed itself: with nobody there nothing more is counted', async () => {
    const stands = async () => {
      const before = await counted();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return (await counted()) - before;
    };
    await expect.poll(stands, { timeout: 15_000 }).toBe(0);
  });

  it('finds the account that sweeps it, tells the owners, and takes from that account what is dangerous', async () => {
    expect((await change(stolen)).status).toBe(201);
    const heard = await listen(server, owner);
    const text = 'forbid (principal, action == Action::"alert.read", resource) when { context.risk > 80 };';
    expect((await owner.call('createAccessPolicy', { body: { name: 'risky eyes', text } })).status).toBe(201);
    const deaf = await listen(server, stolen);
    for (let sweep = 0; sweep < 40; sweep += 1) {
      await Promise.all(Array.from({ length: 25 }, (_, i) => stolen.call('alert', { params: { id: `alt_${sweep}_${i}` } })));
    }
    await expect
      .poll(async () => (await found()).filter(({ subject }) => subject.id === stolen.person.id).length, { timeout: 20_000 })
      .toBeGreaterThan(0);
    await expect.poll(async () => (await change(stolen)).status, { timeout: 15_000 }).toBe(403);
    const logs = (await server.db.select().from(schema.alertRequest)).map(({ log }) => log);
    expect(logs.length).toBeGreaterThan(0);
    const credential = sessionCredential(sessionOf(stolen));
    for (const log of logs) expect(log).toMatchObject({ actor: stolen.person.id, credential, authenticated: true });
    expect(JSON.stringify(logs)).not.toMatch(new RegExp(`${sessionOf(stolen)}|${stolen.session.accessToken}`));
    const refused = await change(stolen);
    expect(refused.text).toContain('platform.risk');
    expect((await change(owner)).status).toBe(201);
    expect((await stolen.call('me')).status).toBe(200);
    // The socket's batches are asked with the same risk.
    await expect.poll(() => heard.events.length).toBeGreaterThan(0);
    const before = deaf.events.length;
    const id = await insertAlert(server.db, { firstAt: Date.now(), lastAt: Date.now() });
    const hears = heard.events.length;
    expect((await owner.call('acknowledge', { params: { id }, body: {} })).status).toBe(200);
    await expect.poll(() => heard.events.length).toBeGreaterThan(hears);
    expect(deaf.events.length).toBe(before);
    for (const listener of [heard, deaf]) listener.close();
  });

  it('and lets the account go when an owner has judged the alert false', async () => {
    for (const { id } of await found()) {
      expect((await owner.call('resolve', { params: { id }, body: { verdict: 'false-positive' } })).status).toBe(200);
    }
    await expect.poll(async () => (await change(stolen)).status, { timeout: 5_000 }).toBe(201);
  });
});
