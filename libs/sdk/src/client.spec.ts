import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { COLUMNS_TYPE, requestLogInput } from '@plimsoll/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, sendJson, until } from '../test/fake-plimsoll.js';
import type { Fault } from './faults.js';
import { type Guard, plimsoll } from './guard.js';
import type { PlimsollOptions } from './guard-options.js';

let server: FakePlimsoll;
let guard: Guard;
let faults: Fault[];

const open = (options: Partial<PlimsollOptions> = {}): Guard => {
  guard = plimsoll({ url: server.url, key: KEY, flushMs: 10, onError: (fault) => faults.push(fault), ...options });
  return guard;
};
const log = (change: object = {}) => ({ method: 'GET', path: '/a', status: 200, ip: '192.0.2.7', ...change });
const recordMany = (count: number, change: object = {}) => {
  for (let index = 0; index < count; index += 1) guard.record(log({ path: `/a/${index}`, ...change }));
};
const balance = () => {
  const { recorded, shipped, rejected, dropped, buffered, inFlight } = guard.stats();
  expect(shipped + rejected + dropped + buffered + inFlight).toBe(recorded);
};

beforeEach(async () => {
  faults = [];
  server = await new FakePlimsoll().start();
});
afterEach(async () => {
  await guard?.close(0);
  await server.stop();
});

describe('shipping', () => {
  it('gathers logs by time, packs them and names the key', async () => {
    open();
    recordMany(200);
    await until(() => guard.stats().shipped === 200, 'shipped');
    expect(server.batches).toHaveLength(1);
    expect(server.batches[0]).toMatchObject({ authorization: `Bearer ${KEY}`, encoding: 'gzip', type: COLUMNS_TYPE });
    expect(server.batches[0]?.batch).toMatch(/^[0-9a-f-]{36}$/);
    for (const sent of server.logs) expect(requestLogInput.safeParse(sent).success).toBe(true);
    balance();
  });

  it('sends full batches without waiting for the clock', async () => {
    open({ flushMs: 60_000, maxBatch: 50 });
    recordMany(100);
    await until(() => guard.stats().shipped === 100, 'shipped by count');
    expect(server.batches.map(({ requests }) => requests.length)).toEqual([50, 50]);
  });

  it('bounds a batch by bytes, and sends plain what shrinks like a gzip bomb', async () => {
    open({ flushMs: 60_000, maxBatch: 5_000 });
    for (let index = 0; index < 400; index += 1) guard.record(log({ path: `/${'a'.repeat(2_000)}${index}` }));
    await until(() => server.batches.length > 0, 'shipped by bytes');
    await guard.close();
    expect(server.logs).toHaveLength(400);
    expect(server.batches.length).toBeGreaterThan(1);
    for (const { requests, encoding } of server.batches) {
      expect(JSON.stringify(requests).length).toBeLessThan(600_000);
      expect(encoding).toBeUndefined();
    }
  });

  it('tries again with the same batch id until it is taken, and counts each log once', async () => {
    open();
    server.onBatch = (request, response) => {
      if (server.batches.length === 1) request.socket.destroy();
      else {
        server.onBatch = undefined;
        sendJson(response, 500, {});
      }
    };
    recordMany(5);
    await until(() => guard.stats().shipped === 5, 'taken in the end');
    expect(new Set(server.batches.map(({ batch }) => batch)).size).toBe(1);
    expect(server.batches).toHaveLength(3);
    expect(guard.stats()).toMatchObject({ recorded: 5, shipped: 5, dropped: 0, retries: 2, batches: 1 });
  });

  it('obeys Retry-After of a 503', async () => {
    open();
    server.onBatch = (_request, response) => {
      server.onBatch = undefined;
      sendJson(response, 503, {}, { 'retry-after': '1' });
    };
    recordMany(1);
    await until(() => guard.stats().shipped === 1, 'taken after the wait');
    const [first, second] = server.batches;
    // Timers may fire a little early against performance.now().
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(990);
  });

  it('counts what the server rejects, one by one or whole', async () => {
    open();
    server.onBatch = (_request, response) => sendJson(response, 202, { accepted: 2, rejected: [], feedVersion: 0 });
    recordMany(5);
    await until(() => guard.stats().rejected === 3, 'rejected by the answer');
    server.onBatch = (_request, response) => sendJson(response, 400, {});
    recordMany(4);
    await until(() => guard.stats().rejected === 7, 'rejected whole');
    expect(guard.stats()).toMatchObject({ shipped: 2, retries: 0 });
    balance();
  });

  it('halves a batch that is too large, under new ids', async () => {
    open();
    server.onBatch = (_request, response) => {
      const size = server.batches.at(-1)?.requests.length ?? 0;
      if (size > 2) sendJson(response, 413, {});
      else sendJson(response, 202, { accepted: size, rejected: [], feedVersion: 0 });
    };
    recordMany(8);
    await until(() => guard.stats().shipped === 8, 'taken in parts');
    expect(new Set(server.batches.map(({ batch }) => batch)).size).toBe(server.batches.length);
  });

  it('drops the oldest when the buffer is full, and counts them exactly', async () => {
    server.onBatch = () => undefined; // Hangs.
    open({ maxBuffered: 100, maxBatch: 10 });
    recordMany(10);
    await until(() => guard.stats().inFlight === 10, 'in flight');
    recordMany(350);
    expect(guard.stats()).toMatchObject({ recorded: 360, dropped: 250, buffered: 100, inFlight: 10 });
    expect(faults.filter(({ code }) => code === 'overflow')).toHaveLength(1);
    await guard.close(50);
    expect(guard.stats()).toMatchObject({ dropped: 360, buffered: 0, inFlight: 0 });
    balance();
  });

  it('keeps its buffer below 8 MiB', async () => {
    server.onBatch = () => undefined;
    open({ maxBuffered: 100_000 });
    recordMany(20_000, { path: `/${'x'.repeat(2_000)}` });
    expect(guard.stats().buffered).toBeLessThan((8 * 1024 * 1024) / 2_200 + 1);
    balance();
  });
});

describe('close', () => {
  it('drains all that was recorded, in many batches', async () => {
    open({ flushMs: 60_000, maxBatch: 100 });
    recordMany(99);
    guard.record(log());
    recordMany(650);
    await guard.close();
    expect(server.logs).toHaveLength(750);
    expect(guard.stats()).toMatchObject({ shipped: 750, dropped: 0 });
    guard.record(log());
    expect(guard.stats()).toMatchObject({ recorded: 751, dropped: 1 });
    balance();
  });

  it('gives up at its deadline when the server hangs', async () => {
    server.onBatch = () => undefined;
    open();
    recordMany(5);
    const first = guard.close(100);
    const second = guard.close(100);
    await Promise.all([first, second]);
    expect(guard.stats()).toMatchObject({ dropped: 5, shipped: 0, inFlight: 0 });
    balance();
  });

  it.each([Number.POSITIVE_INFINITY, 1e12])('takes %d ms for as long as a timer can wait, not for none', async (timeoutMs) => {
    open({ flushMs: 60_000 });
    expect(await guard.ready(timeoutMs)).toBe(true);
    recordMany(3);
    await guard.close(timeoutMs);
    expect(guard.stats()).toMatchObject({ shipped: 3, dropped: 0 });
  });

  it('does not wait for a Retry-After beyond its deadline', async () => {
    server.onBatch = (_request, response) => sendJson(response, 503, {}, { 'retry-after': '60' });
    open();
    recordMany(5);
    await until(() => guard.stats().faults.refused > 0, 'first try, answered');
    await guard.close(60_000 / 2);
    expect(server.batches).toHaveLength(2);
    expect(guard.stats()).toMatchObject({ dropped: 5 });
  });
});

describe('a server that misbehaves', () => {
  it.each([
    ['a redirect', (server2: string) => [302, { location: server2 }] as const],
    ['200 with a page', () => [200, { 'content-type': 'text/html' }] as const],
    ['401', () => [401, {}] as const],
  ])('answers %s: nothing is lost, nothing is followed', async (_name, answer) => {
    const stranger = await new FakePlimsoll().start();
    const [status, headers] = answer(stranger.url);
    server.onBatch = (_request, response) => response.writeHead(status, headers).end('<html>');
    open();
    recordMany(3);
    await until(() => server.batches.length >= 2, 'tried again');
    server.onBatch = undefined;
    await until(() => guard.stats().shipped === 3, 'taken at last');
    expect(stranger.batches).toHaveLength(0);
    expect(stranger.feeds).toHaveLength(0);
    await stranger.stop();
  });

  it('takes a 202 with rubbish for a success and says so', async () => {
    server.onBatch = (_request, response) => response.writeHead(202).end('{"accepted": 1e99');
    open();
    recordMany(3);
    await until(() => guard.stats().shipped === 3, 'taken');
    expect(guard.stats().faults.answer).toBeGreaterThan(0);
  });

  it('cuts an endless answer', async () => {
    let sent = 0;
    server.onBatch = (_request, response) => {
      response.writeHead(202);
      const pour = () => {
        if (response.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536, 97), () => setImmediate(pour));
      };
      pour();
    };
    open();
    recordMany(1);
    await until(() => server.batches.length >= 2, 'cut and tried again');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect(guard.stats().shipped).toBe(0);
  });

  it('gives up a batch that alone makes the server fail', async () => {
    server.onBatch = (_request, response) => sendJson(response, 500, {}, { 'retry-after': '0' });
    const realRandom = Math.random;
    Math.random = () => 0;
    try {
      open();
      recordMany(2);
      await until(() => guard.stats().rejected === 2, 'given up');
    } finally {
      Math.random = realRandom;
    }
    expect(server.batches).toHaveLength(8);
  });

  it('comes back by itself when the server does', async () => {
    const port = Number(new URL(server.url).port);
    await server.stop();
    open();
    recordMany(3);
    await until(() => guard.stats().faults.unreachable > 0, 'noticed');
    server = await new FakePlimsoll().start(port);
    server.publish(decision());
    await until(() => guard.stats().shipped === 3 && guard.stats().decisions === 1, 'recovered');
  });

  it('survives logs that cannot be written as JSON, and ships the others', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', note);
    try {
      open();
      guard.record(log({ ts: 1n }));
      guard.record(log({ verdict: 1n }));
      recordMany(1);
      await until(() => guard.stats().shipped === 2, 'shipped');
      expect(guard.stats()).toMatchObject({ recorded: 2, inFlight: 0, faults: { record: 1 } });
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('says each kind of fault once a minute', async () => {
    await server.stop();
    open();
    recordMany(1);
    await until(() => guard.stats().faults.unreachable > 3, 'several faults');
    expect(faults.filter(({ code }) => code === 'unreachable')).toHaveLength(1);
    expect(JSON.stringify(faults)).not.toContain(KEY);
    server = await new FakePlimsoll().start();
  });

  it('survives a server that speaks no HTTP', async () => {
    const odd = createServer();
    odd.on('connection', (socket) => socket.end('\u0000\u0001 nonsense\r\n\r\n'));
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    open({ url: `http://127.0.0.1:${(odd.address() as AddressInfo).port}` });
    recordMany(1);
    await until(() => guard.stats().faults.unreachable > 1, 'noticed');
    balance();
    odd.close();
  });
});
