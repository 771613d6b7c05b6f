import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FeedFrame } from '@plimsoll/contracts';
import { announceFeed, createDecision, createKey, listKeys, pinOf, revokeKey, rotateKey, turnFeedKeys } from '@plimsoll/storage';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf } from '../../../test/setup/decisions.js';
import { IngestServer, NONCE } from '../../../test/setup/ingest-server.js';

let server: IngestServer;
const streams: { end(): void }[] = [];
beforeEach(async () => {
  server = await IngestServer.start({}, { beatMs: 100 });
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.end();
  await server.stop();
});

interface Stream {
  status: number;
  frames: () => FeedFrame[];
  ended: () => boolean;
  end(): void;
}
async function open(headers: Record<string, string> = {}, key = server.key): Promise<Stream> {
  let text = '';
  let ended = false;
  const sent = httpRequest(`${server.app.url}/v1/feed/stream`, {
    headers: { authorization: `Bearer ${key}`, ...NONCE, ...headers },
  });
  sent.on('error', () => {});
  sent.end();
  const answer = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  answer.on('error', () => {});
  answer.on('data', (chunk) => {
    text += chunk;
  });
  answer.on('close', () => {
    ended = true;
  });
  const stream = { status: answer.statusCode ?? 0, frames: () => framesOf(text), ended: () => ended, end: () => sent.destroy() };
  streams.push(stream);
  return stream;
}
const types = (stream: Stream) => expect.poll(() => stream.frames().map(({ type }) => type), { timeout: 5_000, interval: 5 });

async function block(id: string, tell = true): Promise<void> {
  const now = Date.now();
  const draft = {
    service: 'shop',
    action: 'block' as const,
    subject: { type: 'actor' as const, id },
    endpoint: null,
    rate: null,
    reason: 'test',
    origin: { type: 'person' as const, name: 'Ada' },
    alertId: null,
    until: now + 3_600_000,
  };
  const made = await server.db.transaction((tx) => createDecision(tx, draft, now));
  if (tell) await announceFeed(server.redis, server.env.PLIMSOLL_NAMESPACE, 'shop', made.version);
}

/** A stream of 40,000 decisions whose reader takes none of them. */
async function openAndReadNothing(): Promise<Socket> {
  await server.db.execute(sql`
    insert into decision (id, service, version, action, subject_type, subject_id, reason, origin, created_at, until)
    select 'dec_' || n, 'shop', 1, 'block', 'actor', 'u' || n, repeat('x', 400), '{"type":"person","name":"Ada"}',
      0, ${Date.now() + 3_600_000}::bigint from generate_series(1, 40000) n`);
  await server.db.execute(sql`update service set feed_version = 1 where id = 'shop'`);
  const { port } = new URL(server.app.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.pause();
  socket.on('error', () => {});
  socket.write(
    `GET /v1/feed/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\nPlimsoll-Nonce: ${NONCE['plimsoll-nonce']}\r\n\r\n`,
  );
  await expect.poll(() => server.app.waiting(), { timeout: 5_000 }).toBe(1);
  return socket;
}

describe('GET /v1/feed/stream', () => {
  it('greets, gives what is missing, then each change as it comes, with beats between', async () => {
    await block('ada');
    const stream = await open();
    await types(stream).toEqual(expect.arrayContaining(['hello', 'snapshot', 'beat']));
    await block('bob');
    await types(stream).toContain('delta');
    const change = stream.frames().find(({ type }) => type === 'delta');
    expect(change).toMatchObject({ previous: 1, version: 2, decisions: [{ subject: { id: 'bob' } }] });
    await expect.poll(() => stream.frames().at(-1)).toMatchObject({ type: 'beat', version: 2 });
  });

  it('goes on from Last-Event-ID', async () => {
    await block('ada');
    await block('bob');
    const behind = await open({ 'last-event-id': '1' });
    await types(behind).toContain('delta');
    const current = await open({ 'last-event-id': '2' });
    await types(current).toContain('beat');
    expect([...behind.frames(), ...current.frames()].some(({ type }) => type === 'snapshot')).toBe(false);
    const ahead = await open({ 'last-event-id': '99' });
    await types(ahead).toContain('snapshot');
  });

  it('tells of what was decided while an announcement was lost', async () => {
    const stream = await open();
    await types(stream).toContain('beat');
    await block('ada', false);
    await types(stream).toContain('delta');
  });

  it('is one for each instance: a second one ends the first', async () => {
    const first = await open({ 'plimsoll-instance': 'api-1' });
    const other = await open({ 'plimsoll-instance': 'api-2' });
    await types(first).toContain('hello');
    await types(other).toContain('hello');
    const second = await open({ 'plimsoll-instance': 'api-1' });
    await expect.poll(() => first.ended()).toBe(true);
    await types(second).toContain('beat');
    expect([other.ended(), second.ended()]).toEqual([false, false]);
    await expect.poll(() => server.app.waiting()).toBe(2);
  });

  it('gives its place back when the reader goes, and ends before the process stops', async () => {
    const stream = await open();
    await types(stream).toContain('hello');
    expect(server.app.waiting()).toBe(1);
    stream.end();
    await expect.poll(() => server.app.waiting()).toBe(0);
    const leaving = await IngestServer.start({ DATABASE_URL: server.env.DATABASE_URL });
    const answer = await fetch(`${leaving.app.url}/v1/feed/stream`, {
      headers: { authorization: `Bearer ${server.key}`, ...NONCE },
    });
    const [text] = await Promise.all([answer.text(), leaving.stop()]);
    expect(framesOf(text)[0]).toMatchObject({ type: 'hello' });
  });

  it('ends with its key, as a held poll does, and other keys read on', async () => {
    const pin = pinOf(await turnFeedKeys(server.db, server.env.PLIMSOLL_FEED_KEY, Date.now()));
    const other = await createKey(server.db, { service: 'shop', name: 'other', pin }, Date.now());
    const ending = await createKey(server.db, { service: 'shop', name: 'ending', pin }, Date.now());
    const [stays, goes, expires] = [await open({}, other.secret), await open(), await open({}, ending.secret)];
    for (const stream of [stays, goes, expires]) await types(stream).toContain('beat');
    const poll = (key: string) => server.call('/v1/feed?since=0&wait=25', { headers: NONCE, key });
    const held = poll(server.key);
    await expect.poll(() => server.app.waiting()).toBe(4);
    const mine = (await listKeys(server.db, 'shop')).find(({ name }) => name === 'test');
    await revokeKey(server.db, mine?.id ?? '', Date.now());
    await server.db.transaction((tx) => rotateKey(tx, ending.key.id, { overlapMs: 0, pin }, Date.now()));
    expect(await held).toMatchObject({ status: 401, body: { code: 'invalid-key' } });
    await expect.poll(() => [goes.ended(), expires.ended()], { timeout: 15_000 }).toEqual([true, true]);
    expect([stays.ended(), server.app.counters.dropped['ended-readers']]).toEqual([false, 3]);
    await expect.poll(() => server.app.waiting()).toBe(1);
    expect([(await poll(server.key)).status, (await poll(ending.secret)).status]).toEqual([401, 401]);
    await block('ada');
    await types(stays).toContain('delta');
  }, 60_000);

  it('cuts and counts a reader that reads nothing, and holds no more than a frame for it', async () => {
    const socket = await openAndReadNothing();
    await expect.poll(() => server.app.waiting(), { timeout: 25_000, interval: 200 }).toBe(0);
    expect(server.app.counters.dropped['slow-readers']).toBe(1);
    socket.destroy();
    const reader = await open();
    // Each look reads all that has come.
    await expect.poll(() => decisionsOf(reader), { timeout: 30_000, interval: 500 }).toBe(40_000);
  }, 90_000);

  it('is cut with its key, before it counts as slow, where its reader reads nothing', async () => {
    const socket = await openAndReadNothing();
    const [key] = await listKeys(server.db, 'shop');
    await revokeKey(server.db, key?.id ?? '', Date.now());
    await expect.poll(() => server.app.waiting(), { timeout: 25_000 }).toBe(0);
    expect(server.app.counters.dropped).toMatchObject({ 'ended-readers': 1 });
    expect(server.app.counters.dropped).not.toHaveProperty('slow-readers');
    socket.destroy();
  }, 60_000);

  it('refuses who may not follow decisions, and what it does not understand', async () => {
    const call = (headers: Record<string, string>, key?: string | null) =>
      server.call('/v1/feed/stream', key === undefined ? { headers } : { headers, key });
    expect(await call({})).toMatchObject({ status: 400, body: { errors: [{ field: 'plimsoll-nonce' }] } });
    expect((await call({ ...NONCE, 'last-event-id': 'x' })).status).toBe(400);
    expect((await call({ ...NONCE, 'plimsoll-instance': 'a b' })).status).toBe(400);
    expect((await call(NONCE, null)).status).toBe(401);
    const pin = pinOf(await turnFeedKeys(server.db, server.env.PLIMSOLL_FEED_KEY, Date.now()));
    const keyWith = async (draft: object) =>
      (await createKey(server.db, { service: 'shop', name: 'other', ...draft }, Date.now())).secret;
    expect(await call(NONCE, await keyWith({}))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await call(NONCE, await keyWith({ pin: 'x'.repeat(22) }))).status).toBe(403);
    expect((await call(NONCE, await keyWith({ pin, scopes: ['ingest:write'] }))).status).toBe(403);
    const reads = await keyWith({ pin, scopes: ['decisions:read'] });
    expect((await server.sendLogs([{}])).status).not.toBe(403);
    expect((await server.send('{"requests":[]}', {}, reads)).status).toBe(403);
    await pause(0);
  });
});

const decisionsOf = (stream: Stream): number =>
  stream.frames().reduce((sum, frame) => sum + (frame.type === 'snapshot' ? frame.decisions.length : 0), 0);
