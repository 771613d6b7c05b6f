import { setTimeout as pause } from 'node:timers/promises';
import { announceFeed, applyAllowList, createDecision, type DecisionDraft, liftDecision, updateService } from '@plimsoll/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../../test/setup/decisions.js';
import { type Answer, IngestServer, NONCE } from '../../../test/setup/ingest-server.js';

let server: IngestServer;
let shiftMs = 0;
beforeEach(async () => {
  shiftMs = 0;
  server = await IngestServer.start({}, { now: () => Date.now() + shiftMs });
});
afterEach(() => server.stop());

const block = (id: string) => {
  const draft: DecisionDraft = {
    service: 'shop',
    action: 'block',
    subject: { type: 'actor', id },
    endpoint: null,
    rate: null,
    reason: 'test',
    origin: { type: 'person', name: 'Ada' },
    alertId: null,
    until: Date.now() + 3_600_000,
  };
  return server.db.transaction((tx) => createDecision(tx, draft, Date.now()));
};
const announce = (version: number) => announceFeed(server.redis, server.env.PLIMSOLL_NAMESPACE, 'shop', version);
const feed = (query = '') => server.call(`/v1/feed${query}`, { headers: NONCE });
const framesFor = async (query = '') => framesOf((await feed(query)).text);
/** A long poll that notes its end in `order`. */
const poll = (query: string, order: string[]): Promise<Answer> =>
  feed(query).then((answer) => {
    order.push('answered');
    return answer;
  });
const waiters = () => expect.poll(() => server.app.waiting(), { timeout: 5_000, interval: 5 });

describe('GET /v1/feed', () => {
  it('greets, then gives everything to a newcomer and the change to who continues', async () => {
    const answer = await feed();
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.text).toMatch(/^event: keys\ndata: \{"pinned":/);
    const greeting = { type: 'hello', service: 'shop', environment: 'production', version: 0, key: server.key.slice(5, 17) };
    expect(framesOf(answer.text)).toMatchObject([
      { ...greeting, nonce: NONCE['plimsoll-nonce'] },
      { type: 'snapshot', part: 0, parts: 1, decisions: [] },
    ]);
    const [a, b] = [await block('ada'), await block('bob')];
    expect((await framesFor()).at(-1)).toMatchObject({ version: 2, decisions: [{ id: a?.id }, { id: b?.id }] });
    await server.db.transaction((tx) => liftDecision(tx, a?.id ?? '', 'Ada', Date.now()));
    const change = { type: 'delta', previous: 1, version: 3, decisions: [{ id: b?.id }], lifted: [a?.id] };
    expect((await framesFor('?since=1')).slice(1)).toMatchObject([change]);
    // The snapshot may be a moment old: the change from it follows.
    const ahead = await framesFor('?since=77');
    expect(ahead.map(({ type }) => type)).toEqual(['hello', 'snapshot', 'delta']);
    expect(ahead.at(-1)).toMatchObject({ version: 3, decisions: [{ id: b?.id }], lifted: [a?.id] });
    expect((await framesFor('?since=3')).map(({ type }) => type)).toEqual(['hello']);
  });

  it('gives nobody what is not enforced: a dry run, a block that waits for a person, a step that only watches', async () => {
    const order = { service: 'shop', endpoint: null, rate: null, reason: 'test', alertId: null } as const;
    const origin = { type: 'policy', name: 'block' } as const;
    const make = (id: string, change: object) => {
      const draft = {
        ...order,
        action: 'block' as const,
        subject: { type: 'actor' as const, id },
        origin,
        until: Date.now() + 60_000,
      };
      return server.db.transaction((tx) => createDecision(tx, { ...draft, ...change }, Date.now()));
    };
    await make('waits', { weight: 9, room: 5 });
    await make('watched', { action: 'monitor' });
    await updateService(server.db, 'shop', { dryRun: true });
    await make('would be', {});
    await make('would be', {}); // In place of the first one, of which nobody has heard either.
    for (const frame of await framesFor('?since=0')) expect(JSON.stringify(frame)).not.toMatch(/waits|watched|would be/);
    expect((await framesFor('?since=0')).at(-1)).toMatchObject({ type: 'delta', version: 4, decisions: [], lifted: [] });
    expect((await framesFor()).at(-1)).toMatchObject({ type: 'snapshot', version: 4, decisions: [] });
  });

  it('gives the allow-list to a newcomer, and to who continues where it has changed', async () => {
    const allow = { actors: ['ops-*'], addresses: ['10.0.0.0/8'], credentials: ['key-1'] };
    await server.db.transaction(async (tx) => {
      await updateService(tx, 'shop', { settings: { allow } });
      await applyAllowList(tx, 'shop', { personName: 'Ada', now: Date.now() });
    });
    await block('ada');
    expect((await framesFor()).at(-1)).toMatchObject({ type: 'snapshot', version: 2, allow });
    expect((await framesFor('?since=0')).at(-1)).toMatchObject({ type: 'delta', version: 2, allow });
    expect((await framesFor('?since=1')).at(-1)).not.toHaveProperty('allow');
  });

  it('says its time, and until when it may be believed', async () => {
    shiftMs = 5_000_000;
    for (const { issuedAt, expiresAt } of await framesFor()) {
      expect(Math.abs(issuedAt - shiftMs - Date.now())).toBeLessThan(60_000);
      expect(expiresAt - issuedAt).toBeGreaterThan(30_000);
    }
  });

  it('waits until something is decided and announced', async () => {
    const order: string[] = [];
    const waiting = poll('?since=0&wait=25', order);
    await waiters().toBe(1);
    await block('ada');
    order.push('decided');
    await announce(1);
    expect(framesOf((await waiting).text)).toMatchObject([
      { type: 'hello', version: 1 },
      { type: 'delta', version: 1, decisions: [{ subject: { type: 'actor', id: 'ada' } }] },
    ]);
    expect(order).toEqual(['decided', 'answered']);
    await waiters().toBe(0);
  });

  it('answers at once where there is news already', async () => {
    await block('ada');
    await announce(1);
    expect(await framesFor('?since=0&wait=25')).toMatchObject([{ type: 'hello' }, { type: 'delta', version: 1 }]);
  });

  it('answers without news after the wait', async () => {
    await block('ada');
    const before = performance.now();
    expect(await framesFor('?since=1&wait=1')).toMatchObject([{ type: 'hello', version: 1 }]);
    expect(performance.now() - before).toBeGreaterThan(900);
  });

  it('wakes everybody who waits, and only them', async () => {
    const polls = Array.from({ length: 20 }, () => feed('?since=0&wait=25'));
    await waiters().toBe(20);
    await block('ada');
    await announce(1);
    expect((await Promise.all(polls)).map(({ text }) => framesOf(text).at(-1)?.version)).toEqual(Array(20).fill(1));
  });

  it('lets a waiter go whose client is gone', async () => {
    const gone = new AbortController();
    const waiting = server.call('/v1/feed?since=0&wait=25', { signal: gone.signal, headers: NONCE }).catch(() => 'gone');
    await waiters().toBe(1);
    gone.abort();
    expect(await waiting).toBe('gone');
    await waiters().toBe(0);
  });

  it('answers its waiters before it stops', async () => {
    const other = await IngestServer.start({ DATABASE_URL: server.env.DATABASE_URL });
    const waiting = fetch(`${other.app.url}/v1/feed?since=0&wait=25`, {
      headers: { authorization: `Bearer ${server.key}`, ...NONCE },
    });
    await expect.poll(() => other.app.waiting(), { timeout: 5_000, interval: 5 }).toBe(1);
    const [answer] = await Promise.all([waiting, pause(0).then(() => other.stop())]);
    expect([answer.status, framesOf(await answer.text())]).toMatchObject([200, [{ type: 'hello', version: 0 }]]);
  });

  it('refuses what it does not understand with 400, and who has no key with 401', async () => {
    for (const query of [
      'since=-1',
      'since=x',
      'since=1.5',
      'since=1&since=2',
      'wait=26',
      'since=99999999999999999',
      'user=ada',
    ]) {
      expect(await feed(`?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'bad-request', errors: [{ field: expect.any(String) }] },
      });
    }
    expect(await server.call('/v1/feed', { key: null })).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('tells the sender of a batch the version, so that an SDK notices what it missed', async () => {
    await block('ada');
    const send = async () =>
      (await server.sendLogs([{ ts: Date.now(), method: 'GET', path: '/', status: 200, ip: '192.0.2.1' }])).body['feedVersion'];
    expect(await send()).toBe(1);
    await block('bob');
    await announce(2);
    await expect.poll(send, { timeout: 5_000 }).toBe(2);
    await block('eve');
    shiftMs += 5_000;
    expect(await send()).toBe(3);
  });
});
