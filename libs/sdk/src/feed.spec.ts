import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, sendJson, sse, until } from '../test/fake-plimsoll.js';
import type { Fault } from './faults.js';
import { type Guard, plimsoll } from './guard.js';

let server: FakePlimsoll;
let guard: Guard;
let faults: Fault[];
const open = () => {
  guard = plimsoll({ url: `${server.url}/`, key: KEY, flushMs: 10, onError: (fault) => faults.push(fault) });
  return guard;
};
const verdict = (actor = 'mallory') => guard.check({ actor }).verdict;
const eve = () => decision({ subject: { type: 'actor', id: 'eve' } });
const hello = (request: IncomingMessage, response: ServerResponse) => sse(response).write(server.keys() + server.hello(request));

beforeEach(async () => {
  faults = [];
  server = await new FakePlimsoll().start();
});
afterEach(async () => {
  await guard?.close(0);
  await server.stop();
});

describe('following the stream', () => {
  it('starts with all decisions, then hears of each change on the same connection', async () => {
    server.publish(decision());
    open();
    expect(await guard.ready(10_000)).toBe(true);
    expect(verdict()).toBe('block');
    server.publish();
    await until(() => verdict() === 'allow', 'lifted');
    server.publish(eve());
    await until(() => verdict('eve') === 'block', 'added');
    expect(guard.stats()).toMatchObject({ feedVersion: 3, feedConnected: true, feedVia: 'stream', decisions: 1 });
    expect(server.feeds).toEqual(['/v1/feed/stream']);
  });

  it('goes on from its version when the connection breaks, with nothing sent twice', async () => {
    server.publish(decision());
    open();
    await guard.ready(10_000);
    for (const stream of server.streams) stream.destroy();
    await until(() => server.feeds.length === 2 && guard.stats().feedConnected, 'connected again');
    expect(server.feeds[1]).toBe('/v1/feed/stream from 1');
    expect(verdict()).toBe('block');
    expect(guard.stats().faults.forged).toBe(0);
  });

  it('keeps its decisions while the server is away, and follows again when it is back', async () => {
    server.publish(decision());
    open();
    await guard.ready(10_000);
    const port = Number(new URL(server.url).port);
    await server.stop();
    await until(() => !guard.stats().feedConnected, 'noticed');
    expect(verdict()).toBe('block');
    server = await new FakePlimsoll().start(port);
    // Another database, of an older version: fresh and signed, so it is the server's own word.
    await until(() => guard.stats().feedConnected && guard.stats().decisions === 0, 'followed again');
    expect(guard.stats().feedVersion).toBe(0);
  });

  it('takes the allow-list of a snapshot, and another one when it changes', async () => {
    server.publish(decision(), eve());
    const list = (...actors: string[]) => ({ actors, addresses: [], credentials: [] });
    server.onFeed = (request, response) => {
      hello(request, response);
      response.write(server.snapshot({ allow: list('mallory') }));
      server.streams.add(response);
    };
    open();
    await guard.ready(10_000);
    expect([verdict(), verdict('eve')]).toEqual(['allow', 'block']);
    const delta = (change: object) => {
      const previous = server.version;
      server.version += 1;
      const frame = { type: 'delta' as const, ...server.place(), previous, decisions: [], lifted: [], ...change };
      for (const stream of server.streams) stream.write(server.event(frame));
    };
    delta({});
    await until(() => guard.stats().feedVersion === 2, 'a change of something else');
    expect(verdict()).toBe('allow');
    delta({ allow: list('eve') });
    await until(() => verdict('eve') === 'allow', 'changed');
    expect(verdict()).toBe('block');
    for (const stream of server.streams) stream.destroy();
    server.onFeed = (request, response) => {
      hello(request, response);
      response.write(server.snapshot());
    };
    await until(() => verdict('eve') === 'block', 'a snapshot without one');
  });

  it('takes a snapshot in parts, and forgets only at its end what is not in it', async () => {
    server.publish(decision());
    open();
    await guard.ready(10_000);
    let held: ServerResponse | undefined;
    server.version = 9;
    server.onFeed = (request, response) => {
      hello(request, response);
      response.write(server.snapshot({ decisions: [eve()], snapshot: 's', part: 0, parts: 2 }));
      held = response;
    };
    for (const stream of server.streams) stream.destroy();
    await until(() => verdict('eve') === 'block', 'first part');
    expect([verdict(), guard.stats().feedConnected]).toEqual(['block', false]);
    held?.write(server.snapshot({ decisions: [], snapshot: 's', part: 1, parts: 2 }));
    await until(() => verdict() === 'allow', 'second part');
    expect(guard.stats()).toMatchObject({ feedVersion: 9, feedConnected: true, decisions: 1 });
  });

  it('does not run hot on a server that ends each stream at once', async () => {
    server.onFeed = (request, response) => {
      hello(request, response);
      response.end(server.snapshot());
    };
    open();
    await guard.ready(10_000);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(server.feeds.length).toBeLessThan(15);
  });

  it('comes at once out of a pause when a batch tells of news', async () => {
    server.onFeed = (_request, response) => sendJson(response, 503, {}, { 'retry-after': '300' });
    open();
    await until(() => guard.stats().faults.refused === 1, 'refused');
    server.onFeed = undefined;
    server.publish(decision());
    guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1' });
    await until(() => verdict() === 'block', 'nudged');
  });

  it('takes a stream for dead that does not bring what a batch has told of', async () => {
    server.publish();
    open();
    await guard.ready(10_000);
    server.streams.clear(); // Half open: the server has forgotten it, the client has not heard.
    server.publish(decision());
    guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1' });
    await until(() => verdict() === 'block', 'connected anew');
  });

  it('does not press a feed that stays away, however many batches tell of the same news', async () => {
    server.onFeed = (_request, response) => sendJson(response, 503, {}, { 'retry-after': '300' });
    server.version = 7;
    open();
    await until(() => guard.stats().faults.refused === 1, 'refused');
    for (let batch = 1; batch <= 10; batch += 1) {
      guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1' });
      await until(() => guard.stats().batches === batch, 'shipped');
    }
    expect(server.feeds.length).toBeLessThanOrEqual(2);
  });
});

describe('where streams do not pass', () => {
  it('polls, and hears of changes all the same', async () => {
    server.publish(decision());
    server.onFeed = (request, response) => {
      if (request.url?.startsWith('/v1/feed/stream')) return sendJson(response, 404, {});
      server.onFeed = undefined;
      server.answer(request, response);
    };
    open();
    await guard.ready(10_000);
    expect(verdict()).toBe('block');
    await until(() => server.waiting === 1, 'a poll is held');
    server.publish(eve());
    await until(() => verdict('eve') === 'block', 'news');
    expect(guard.stats()).toMatchObject({ feedVia: 'poll', feedConnected: true, feedVersion: 2 });
    expect(server.feeds.slice(0, 3)).toEqual(['/v1/feed/stream', '/v1/feed?wait=0', '/v1/feed?since=1&wait=25']);
  });

  it('polls where a proxy takes the stream and holds back what it says', async () => {
    server.publish(decision());
    server.onFeed = (request, response) => {
      if (request.url?.startsWith('/v1/feed/stream')) return void sse(response).flushHeaders();
      server.answer(request, response);
    };
    open();
    expect(await guard.ready(8_000)).toBe(true);
    expect([verdict(), guard.stats().feedVia]).toEqual(['block', 'poll']);
  });
});

describe('an answer that makes no sense', () => {
  it.each([
    ['rubbish', 'no feed\n\n'],
    ['null', 'data: null\n\n'],
    ['nothing', ''],
    ['deep nesting', `event: keys\ndata: ${'['.repeat(100_000)}\n\n`],
    ['another type', 'JSON'],
    ['a redirect', 'REDIRECT'],
  ])('%s is refused, and what is held is kept', async (_name, text) => {
    server.publish(decision());
    open();
    await guard.ready(10_000);
    const stranger = await new FakePlimsoll().start();
    server.onFeed = (_request, response) => {
      if (text === 'JSON') return sendJson(response, 200, { version: 1, full: true, decisions: [] });
      if (text === 'REDIRECT') return response.writeHead(302, { location: `${stranger.url}/v1/feed/stream` }).end();
      return sse(response).end(text);
    };
    for (const stream of server.streams) stream.destroy();
    await until(() => server.feeds.length > 1 && !guard.stats().feedConnected, 'noticed');
    expect([verdict(), stranger.feeds.length]).toEqual(['block', 0]);
    server.onFeed = undefined;
    await until(() => guard.stats().feedConnected, 'recovered');
    await stranger.stop();
  });

  it('without an end is cut', async () => {
    let sent = 0;
    server.onFeed = (request, response) => {
      hello(request, response);
      const pour = () => {
        if (response.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536, 97), () => setImmediate(pour));
      };
      pour();
    };
    open();
    await until(() => guard.stats().faults.answer > 0, 'cut');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('is not ready when the server hangs', async () => {
    server.onFeed = () => undefined;
    open();
    expect(await guard.ready(30)).toBe(false);
    expect(verdict()).toBe('allow');
  });
});
