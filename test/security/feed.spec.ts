/** T36: the feed of a real server to a real SDK, with somebody on the way who edits, keeps back, replays or drips it. */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Fault, type Guard, plimsoll } from '@plimsoll/sdk';
import { announceFeed, createDecision, createKey, createService, liftDecision, pinOf, turnFeedKeys } from '@plimsoll/storage';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IngestServer } from '../setup/ingest-server.js';
import { Meddler } from '../setup/meddler.js';

let server: IngestServer;
let meddler: Meddler;
let guard: Guard;
let faults: Fault[] = [];
beforeAll(async () => {
  server = await IngestServer.start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  meddler = await new Meddler(server.app.url).start();
});
afterEach(async () => {
  await guard?.close(0);
  await meddler.stop();
});

const open = (key = server.key, url = meddler.url) => {
  faults = [];
  guard = plimsoll({ url, key, flushMs: 10, onError: (fault) => faults.push(fault) });
  return guard;
};
let serial = 0;
async function block(id = `user-${++serial}`): Promise<{ id: string; actor: string }> {
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
  await announceFeed(server.redis, server.env.PLIMSOLL_NAMESPACE, 'shop', made.version);
  return { id: made.id, actor: id };
}
async function lift(id: string): Promise<void> {
  const lifted = await server.db.transaction((tx) => liftDecision(tx, id, 'Ada', Date.now()));
  if (lifted.type === 'lifted') await announceFeed(server.redis, server.env.PLIMSOLL_NAMESPACE, 'shop', lifted.decision.version);
}
const verdict = (actor: string) => guard.check({ actor }).verdict;
const soon = <T>(probe: () => T, timeout = 8_000) => expect.poll(probe, { timeout, interval: 10 });

describe('a feed that somebody meddles with', () => {
  it('is enforced where it is left alone, by one connection', async () => {
    const mallory = await block();
    open();
    expect(await guard.ready(10_000)).toBe(true);
    expect(verdict(mallory.actor)).toBe('block');
    const eve = await block();
    await soon(() => verdict(eve.actor)).toBe('block');
    await lift(eve.id);
    await soon(() => verdict(eve.actor)).toBe('allow');
    expect(guard.stats()).toMatchObject({ feedVia: 'stream', faults: { forged: 0, answer: 0, unreachable: 0 } });
    // Receipts have a connection of their own; of the feed there is one.
    const streams = meddler.recorded.filter((chunks) => Buffer.concat(chunks).includes('text/event-stream'));
    expect(streams).toHaveLength(1);
  });

  it('is refused where a victim is put into it', async () => {
    const mallory = await block('mallory-7');
    meddler.meddle = (chunk) => Buffer.from(chunk.toString('latin1').replace('mallory-7', 'victim-77'), 'latin1');
    open();
    await soon(() => guard.stats().faults.forged).toBeGreaterThan(0);
    expect([verdict('victim-77'), verdict(mallory.actor)]).toEqual(['allow', 'allow']);
    expect(faults.find(({ code }) => code === 'forged')?.message).toMatch(/not signed/);
  });

  it('is refused where a recording is played, also to a host that has restarted', async () => {
    const mallory = await block();
    open();
    await guard.ready(10_000);
    const recording = Buffer.concat(meddler.recorded[0] ?? []);
    await guard.close(0);
    await lift(mallory.id);
    const sockets = new Set<Socket>();
    const player = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      socket.once('data', () => socket.write(recording));
    });
    await new Promise<void>((resolve) => player.listen(0, '127.0.0.1', resolve));
    const address = player.address();
    open(server.key, `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    await soon(() => guard.stats().faults.forged).toBeGreaterThan(0);
    expect([verdict(mallory.actor), guard.stats().feedVersion]).toEqual(['allow', undefined]);
    for (const socket of sockets) socket.destroy();
    player.close();
  });

  it('is refused where the answers to another service of the same server are passed on', async () => {
    await createService(server.db, { id: 'bank' }, Date.now());
    const pin = pinOf(await turnFeedKeys(server.db, server.env.PLIMSOLL_FEED_KEY, Date.now()));
    const { secret } = await createKey(server.db, { service: 'bank', name: 'attacker', pin }, Date.now());
    // The attacker asks with a key of its own, which the server honours, and with the victim's nonce.
    const relay = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (request) => {
        const { hostname, port } = new URL(server.app.url);
        const target = connect(Number(port), hostname);
        target.write(request.toString('latin1').replace(server.key, secret), 'latin1');
        target.on('data', (chunk) => socket.write(chunk)).on('error', () => {});
        socket.on('close', () => target.destroy());
      });
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const address = relay.address();
    open(server.key, `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    await soon(() => guard.stats().faults.forged).toBeGreaterThan(0);
    expect(guard.stats().feedVersion).toBeUndefined();
    expect(faults.find(({ code }) => code === 'forged')?.message).toMatch(/another API key/);
    await guard.close(0);
    relay.close();
  });

  it('is followed by poll where a proxy holds streams back', async () => {
    const mallory = await block();
    let held = Buffer.alloc(0);
    // Gives away whole answers only, as a proxy that buffers does: a stream never ends.
    meddler.meddle = (chunk) => {
      held = Buffer.concat([held, chunk]);
      if (!held.includes('\r\n0\r\n\r\n')) return undefined;
      const whole = held;
      held = Buffer.alloc(0);
      return whole;
    };
    open();
    expect(await guard.ready(8_000)).toBe(true);
    expect([verdict(mallory.actor), guard.stats().feedVia]).toEqual(['block', 'poll']);
    const eve = await block();
    await soon(() => verdict(eve.actor)).toBe('block');
  });

  it('is noticed to be half open by the missing beat', async () => {
    open();
    await guard.ready(10_000);
    let swallowed = false;
    meddler.meddle = (chunk) => {
      // What has been open until now is dead from here on; new connections work.
      swallowed ||= chunk.includes('"type":"delta"');
      return swallowed && !chunk.includes('HTTP/1.1') ? undefined : chunk;
    };
    const mallory = await block();
    await soon(() => swallowed).toBe(true);
    expect(verdict(mallory.actor)).toBe('allow');
    meddler.meddle = (chunk) => (chunk.includes('"type":"beat"') ? undefined : chunk);
    await soon(() => verdict(mallory.actor), 40_000).toBe('block');
    await guard.close(0);
  }, 60_000);

  it('that drips is given up before it is whole, and followed again when it flows', async () => {
    const mallory = await block();
    meddler.dripMs = 20;
    open();
    await soon(() => guard.stats().faults.unreachable, 10_000).toBeGreaterThan(0);
    expect(verdict(mallory.actor)).toBe('allow');
    meddler.dripMs = 0;
    meddler.cut();
    await soon(() => verdict(mallory.actor), 20_000).toBe('block');
  }, 40_000);

  it('goes on from its place after a cut, however often', async () => {
    open();
    await guard.ready(10_000);
    for (let round = 0; round < 5; round += 1) {
      meddler.cut();
      const { actor } = await block();
      await soon(() => verdict(actor)).toBe('block');
      await pause(20);
    }
    expect(guard.stats().faults.forged).toBe(0);
  }, 30_000);
});
