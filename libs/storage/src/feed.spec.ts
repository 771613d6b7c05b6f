import { setTimeout as pause } from 'node:timers/promises';
import type { FeedDecision } from '@plimsoll/contracts';
import { sql } from 'drizzle-orm';
import { describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { onItsOwnService } from '../../../test/setup/own-service.js';
import type { Database } from './database.js';
import { createDecision, type DecisionDraft, liftDecision, prolongDecision } from './decisions.js';
import {
  announceFeed,
  type FeedAnnouncement,
  feedSince,
  feedSnapshot,
  feedVersions,
  MAX_BEHIND_VERSIONS,
  MAX_DELTA_VERSIONS,
  subscribeFeed,
} from './feed.js';
import { openRedis } from './redis.js';
import { createService } from './services.js';

const NOW = 1_790_000_000_000;
let db: Database;
let service = '';
onItsOwnService(NOW, (own) => {
  ({ db, service } = own);
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

const snapshot = async (now = NOW) => {
  const pages: FeedDecision[][] = [];
  const { version } = await feedSnapshot(db, service, now, (decisions) => void pages.push(decisions));
  return { version, pages, decisions: pages.flat() };
};
const setVersion = (version: number) => db.execute(sql`update service set feed_version = ${version} where id = ${service}`);

describe('a snapshot', () => {
  it('is empty for a new service', async () => {
    expect(await since(undefined)).toEqual({ type: 'gap', newest: 0 });
    expect(await snapshot()).toEqual({ version: 0, pages: [], decisions: [] });
  });

  it('has everything in force and nothing that is over', async () => {
    const [first, lifted] = [await block('a'), await block('b')];
    await block('c', NOW + 10);
    await db.transaction((tx) => liftDecision(tx, lifted?.id ?? '', 'Ada', NOW));
    expect(await since(undefined, NOW + 10)).toEqual({ type: 'gap', newest: 4 });
    const { version, decisions } = await snapshot(NOW + 10);
    expect([version, decisions.map(({ id }) => id)]).toEqual([4, [first?.id]]);
  });

  it('holds back who decided and for which alert', async () => {
    await block('a');
    expect(Object.keys((await snapshot()).decisions[0] ?? {}).sort()).toEqual(
      ['action', 'endpoint', 'id', 'rate', 'reason', 'subject', 'until', 'version'].sort(),
    );
  });

  it('comes in pages, each decision once, oldest first', async () => {
    await many(5_000, 'throttle');
    const { version, pages, decisions } = await snapshot();
    expect([version, pages.length, decisions.length, new Set(decisions.map(({ id }) => id)).size]).toEqual([
      5_000, 3, 5_000, 5_000,
    ]);
    expect(decisions.map((one) => one.version)).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1));
  });

  it('keeps blocks before throttles, and newer before older, where there are too many', async () => {
    await many(10, 'block');
    await many(100_005, 'throttle');
    const { decisions } = await snapshot();
    expect(decisions).toHaveLength(100_000);
    expect(decisions.filter(({ action }) => action === 'block')).toHaveLength(10);
    expect(decisions.at(-1)?.version).toBe(100_015);
  });
});

/** Straight into the table, one version each. */
async function many(size: number, action: string): Promise<void> {
  await db.execute(sql`
    with moved as (update service set feed_version = feed_version + ${size} where id = ${service} returning feed_version)
    insert into decision (id, service, version, action, subject_type, subject_id, rate, reason, origin, created_at, until)
    select ${service} || ${action} || n, ${service}, feed_version - ${size} + n, ${action}, 'actor', 'u' || n,
      '{"requests":1,"windowSeconds":60}', 'test', '{"type":"policy","name":"block"}', ${NOW}::bigint, ${NOW + 60_000}::bigint
    from moved, generate_series(1, ${size}::int) n`);
}

describe('a change', () => {
  it('is only what changed since', async () => {
    const [a, b] = [await block('a'), await block('b')];
    await db.transaction((tx) => liftDecision(tx, a?.id ?? '', 'Ada', NOW));
    await db.transaction((tx) => prolongDecision(tx, b?.id ?? '', NOW + 90_000, NOW));
    const c = await block('c');
    const change = await since(2);
    expect(change).toMatchObject({ type: 'delta', previous: 2, version: 5, newest: 5, lifted: [a?.id] });
    expect(change.type === 'delta' && change.decisions.map(({ id, until }) => [id, until])).toEqual([
      [b?.id, NOW + 90_000],
      [c?.id, NOW + 60_000],
    ]);
    expect(await since(5)).toMatchObject({ previous: 5, version: 5, decisions: [], lifted: [] });
  });

  it('shows a replacement as one step: the old one lifted, the new one in', async () => {
    const old = await block('a');
    const replacement = await block('a', NOW + 70_000);
    expect(await since(1)).toMatchObject({ version: 2, lifted: [old?.id], decisions: [{ id: replacement?.id }] });
  });

  it('goes on from 0, but not from a version that is ahead', async () => {
    await block('a');
    expect(await since(0)).toMatchObject({ type: 'delta', version: 1, decisions: [{ subject: { id: 'a' } }] });
    expect(await since(99)).toEqual({ type: 'gap', newest: 1 });
  });

  it('goes a part of a long way, and all of it step by step', async () => {
    await many(2 * MAX_DELTA_VERSIONS + 5, 'block');
    const seen: number[] = [];
    for (let at = 0; at < 2 * MAX_DELTA_VERSIONS + 5; ) {
      const change = await since(at);
      if (change.type === 'gap') throw new Error('a gap');
      seen.push(...change.decisions.map(({ version }) => version));
      expect([change.previous, change.newest]).toEqual([at, 2 * MAX_DELTA_VERSIONS + 5]);
      at = change.version;
    }
    expect(seen).toEqual(Array.from({ length: 2 * MAX_DELTA_VERSIONS + 5 }, (_, index) => index + 1));
  });

  it('is a gap for one too far behind', async () => {
    await block('a');
    await setVersion(MAX_BEHIND_VERSIONS + 1);
    expect(await since(1)).toMatchObject({ type: 'delta' });
    await setVersion(MAX_BEHIND_VERSIONS + 2);
    expect(await since(1)).toEqual({ type: 'gap', newest: MAX_BEHIND_VERSIONS + 2 });
  });

  it('knows nothing of other services', async () => {
    await block('a');
    await createService(db, { id: `${service}-b` }, NOW);
    expect(await feedSince(db, `${service}-b`, undefined, NOW)).toEqual({ type: 'gap', newest: 0 });
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
