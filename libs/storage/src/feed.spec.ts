import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { type Database, openDatabase } from './database.js';
import { createDecision, type DecisionDraft, liftDecision, prolongDecision } from './decisions.js';
import { announceFeed, type FeedAnnouncement, feedSince, feedVersions, MAX_DELTA_VERSIONS, subscribeFeed } from './feed.js';
import { openRedis } from './redis.js';
import { createService } from './services.js';

const NOW = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
});
afterAll(() => database.close());

let service = '';
let count = 0;
beforeEach(async () => {
  count += 1;
  service = `shop-${count}`;
  await createService(db, { id: service }, NOW);
});

const block = (id: string, until = NOW + 60_000) => {
  const draft: DecisionDraft = {
    service,
    action: 'block',
    subject: { type: 'actor', id },
    endpoint: null,
    rate: null,
    reason: 'test',
    origin: { type: 'policy', name: 'block' },
    alertId: null,
    until,
  };
  return db.transaction((tx) => createDecision(tx, draft, NOW));
};
const since = (version: number | undefined, now = NOW) => feedSince(db, service, version, now);

describe('the feed', () => {
  it('is full and empty for a new service', async () => {
    expect(await since(undefined)).toEqual({ version: 0, full: true, serverTime: NOW, decisions: [], lifted: [] });
  });

  it('gives a newcomer everything in force and nothing that is over', async () => {
    const [first, lifted] = [await block('a'), await block('b')];
    await block('c', NOW + 10);
    await db.transaction((tx) => liftDecision(tx, lifted?.id ?? '', 'Ada', NOW));
    const feed = await since(undefined, NOW + 10);
    expect(feed).toMatchObject({ version: 4, full: true, lifted: [] });
    expect(feed.decisions.map(({ id }) => id)).toEqual([first?.id]);
  });

  it('holds back who decided and for which alert', async () => {
    await block('a');
    expect(Object.keys((await since(undefined)).decisions[0] ?? {}).sort()).toEqual(
      ['action', 'endpoint', 'id', 'rate', 'reason', 'subject', 'until', 'version'].sort(),
    );
  });

  it('gives only what changed since', async () => {
    const [a, b] = [await block('a'), await block('b')];
    await db.transaction((tx) => liftDecision(tx, a?.id ?? '', 'Ada', NOW));
    await db.transaction((tx) => prolongDecision(tx, b?.id ?? '', NOW + 90_000, NOW));
    const c = await block('c');
    const feed = await since(2);
    expect(feed).toMatchObject({ version: 5, full: false, lifted: [a?.id] });
    expect(feed.decisions.map(({ id, until }) => [id, until])).toEqual([
      [b?.id, NOW + 90_000],
      [c?.id, NOW + 60_000],
    ]);
    expect(await since(5)).toMatchObject({ version: 5, full: false, decisions: [], lifted: [] });
  });

  it('shows a replacement as one step: the old one lifted, the new one in', async () => {
    const old = await block('a');
    const replacement = await block('a', NOW + 70_000);
    expect(await since(1)).toMatchObject({ version: 2, lifted: [old?.id], decisions: [{ id: replacement?.id }] });
  });

  it.each([0, 99])('is full for version %i, which cannot be continued', async (version) => {
    await block('a');
    expect(await since(version)).toMatchObject({ version: 1, full: true, decisions: [{ subject: { id: 'a' } }] });
  });

  it('is full for one too far behind, a delta up to there', async () => {
    await block('a');
    await db.execute(sql`update service set feed_version = ${MAX_DELTA_VERSIONS + 1} where id = ${service}`);
    expect(await since(1)).toMatchObject({ full: false, decisions: [] });
    await db.execute(sql`update service set feed_version = ${MAX_DELTA_VERSIONS + 2} where id = ${service}`);
    expect(await since(1)).toMatchObject({ full: true, decisions: [{ subject: { id: 'a' } }] });
  });

  it('knows nothing of other services', async () => {
    await block('a');
    await createService(db, { id: `${service}-b` }, NOW);
    expect(await feedSince(db, `${service}-b`, undefined, NOW)).toMatchObject({ version: 0, decisions: [] });
    expect(await feedVersions(db, [service, `${service}-b`, 'nobody'])).toEqual(
      new Map([
        [service, 1],
        [`${service}-b`, 0],
      ]),
    );
  });
});

describe('announcements', () => {
  it('reach who listens in the same namespace, in order, until the subscription ends', async () => {
    const [sender, receiver] = [openRedis(inject('redisUrl'), 'test'), openRedis(inject('redisUrl'), 'test')];
    const namespace = randomNamespace();
    const heard: FeedAnnouncement[] = [];
    const end = await subscribeFeed(receiver, namespace, (announcement) => heard.push(announcement));
    await announceFeed(sender, randomNamespace(), 'shop', 9);
    for (const rubbish of ['', 'null', '[]', '{"service":1,"version":2}', '{"service":"shop"}', '{']) {
      await sender.publish(`${namespace}:feed`, rubbish);
    }
    await announceFeed(sender, namespace, 'shop', 1);
    await announceFeed(sender, namespace, 'shop', 2);
    while (heard.length < 2) await pause(5);
    await end();
    await announceFeed(sender, namespace, 'shop', 3);
    await receiver.ping();
    expect(heard).toEqual([
      { service: 'shop', version: 1 },
      { service: 'shop', version: 2 },
    ]);
    sender.disconnect();
    receiver.disconnect();
  });
});
