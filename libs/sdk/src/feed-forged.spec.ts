import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, SIGNER, sse, until } from '../test/fake-plimsoll.js';
import { type FakeKey, fakeKey, frameEvent, keysEvent } from '../test/fake-signer.js';
import type { Fault } from './faults.js';
import { type Guard, plimsoll } from './guard.js';

let server: FakePlimsoll;
let guard: Guard;
let faults: Fault[];
const open = (key = KEY) => {
  guard = plimsoll({ url: `${server.url}/`, key, flushMs: 10, onError: (fault) => faults.push(fault) });
  return guard;
};
const verdict = (actor = 'mallory') => guard.check({ actor }).verdict;
const hello = (request: IncomingMessage, response: ServerResponse) => sse(response).write(server.keys() + server.hello(request));

beforeEach(async () => {
  faults = [];
  server = await new FakePlimsoll().start();
});
afterEach(async () => {
  await guard?.close(0);
  await server.stop();
});

describe('a feed that is not as it was signed', () => {
  const stranger = fakeKey();
  /** What a stream sends after a good greeting, and what must be said of it. */
  const forged: [string, string, (request: IncomingMessage) => string][] = [
    ['edited', 'signed', () => server.snapshot().replace('"mallory"', '"ada-lo1"')],
    ['signed by a stranger', 'signed', () => frameEvent(snapshotOf('ada'), stranger)],
    ['not signed', 'signed', () => `data: ${JSON.stringify(snapshotOf('ada'))}\n\n`],
    ['with an empty signature', 'signed', () => `data: ${JSON.stringify(snapshotOf('ada'))}\ndata: \n\n`],
    ['of another service', 'another service', () => server.snapshot({ service: 'bank' })],
    ['of another environment', 'another service', () => server.snapshot({ environment: 'production' })],
    ['out of date', 'out of date', () => server.snapshot({ expiresAt: Date.now() - 1 })],
    ['rolled back', 'sent before|older', () => server.snapshot() + server.snapshot({ version: 0, decisions: [] })],
    ['without a part', 'missing', () => server.snapshot({ part: 0, parts: 3 }) + server.snapshot({ part: 2, parts: 3 })],
    ['with parts of two snapshots', 'missing', () => parts('a', 0) + parts('b', 1)],
    ['with a gap', 'held back', () => server.snapshot() + server.event({ ...delta(), previous: 5, version: 6 })],
    ['with a change sent twice', 'sent before', () => server.snapshot() + server.event(delta()) + server.event(delta())],
    [
      'that keeps changes back',
      'held back',
      () => server.snapshot() + server.event({ type: 'beat', ...server.place(), version: 8 }),
    ],
    ['that keeps risks back', 'risks', () => server.snapshot() + server.event({ type: 'beat', ...server.place(), risks: 4 })],
    [
      'with a gap in its risks',
      'risks',
      () => server.snapshot() + server.riskFrame({ seq: 5 }) + server.riskFrame({ previous: 4, seq: 6 }),
    ],
    ['without a part of its risks', 'risks', () => server.snapshot() + server.riskFrame({ part: 1, parts: 2 })],
    [
      'with an unknown part of another service',
      'another service',
      () => server.event({ type: 'x', ...server.place({ service: 'bank' }) } as never),
    ],
    ['greeted twice', 'greeting', (request) => server.hello(request)],
    ['with keys of a stranger', 'keys', () => keysEvent([stranger])],
    ['with a successor that its key did not endorse', 'keys', () => keysEvent([SIGNER, stranger], stranger)],
  ];
  const snapshotOf = (id: string) => ({
    type: 'snapshot' as const,
    ...server.place(),
    snapshot: 's',
    part: 0,
    parts: 1,
    decisions: [decision({ subject: { type: 'actor', id } })],
  });
  const parts = (snapshot: string, part: number) => server.snapshot({ snapshot, part, parts: 2 });
  const delta = () => ({ type: 'delta' as const, ...server.place(), previous: 1, version: 2, decisions: [], lifted: [] });

  it.each(forged)('is refused: %s', async (_name, why, text) => {
    server.publish(decision());
    server.onFeed = (request, response) => {
      hello(request, response);
      response.write(text(request));
    };
    open();
    await until(() => guard.stats().faults.forged > 0, 'refused');
    expect(faults.find(({ code }) => code === 'forged')?.message).toMatch(new RegExp(why));
    expect([verdict('ada'), verdict('ada-lo1')]).toEqual(['allow', 'allow']);
    expect(guard.stats().feedConnected).toBe(false);
    server.onFeed = undefined;
    await until(() => guard.stats().feedConnected && verdict() === 'block', 'recovered');
  });

  it('is refused where the greeting answers another nonce: what was recorded, played to a host that has restarted', async () => {
    server.publish(decision());
    let recorded = '';
    server.onFeed = (request, response) => {
      recorded ||= server.keys() + server.hello(request) + server.snapshot();
      sse(response).write(recorded);
    };
    open();
    await guard.ready(10_000);
    await guard.close(0);
    open();
    await until(() => guard.stats().faults.forged > 0, 'refused');
    expect([verdict(), guard.stats().feedVersion]).toEqual(['allow', undefined]);
  });

  it.each([
    ['another API key', { key: 'zzzzzzzzzzzz' }],
    ['nobody', { nonce: '' }],
  ])('is refused where the greeting is for %s', async (_name, change) => {
    server.publish(decision());
    server.onFeed = (request, response) => sse(response).write(server.keys() + server.hello(request, change) + server.snapshot());
    open();
    await until(() => guard.stats().faults.forged + guard.stats().faults.answer > 0, 'refused');
    expect(verdict()).toBe('allow');
  });

  it('is refused where an answer ends before a snapshot is whole', async () => {
    server.onFeed = (request, response) => {
      hello(request, response);
      response.end(server.snapshot({ part: 0, parts: 2 }));
    };
    open();
    await until(() => guard.stats().faults.forged > 0, 'refused');
    expect(guard.stats()).toMatchObject({ feedVersion: undefined, feedConnected: false });
  });

  it('follows a ring of keys that turns, however far, and not back', async () => {
    const ring: FakeKey[] = [SIGNER, fakeKey(), fakeKey()];
    server.publish(decision());
    const say = (response: ServerResponse, request: IncomingMessage, chain: FakeKey[]) => {
      const newest = chain.at(-1) as FakeKey;
      const place = server.place();
      const nonce = String(request.headers['plimsoll-nonce']);
      const greeting = { type: 'hello' as const, ...place, key: KEY.slice(5, 17), nonce, receiptMs: 0 };
      sse(response).write(keysEvent(chain) + frameEvent(greeting, newest) + frameEvent(snapshotOf('eve'), newest));
    };
    server.onFeed = (request, response) => say(response, request, ring);
    open();
    await guard.ready(10_000);
    expect(verdict('eve')).toBe('block');
    server.onFeed = (request, response) => {
      // Whoever holds the first key, which is past, cannot go on with it.
      say(response, request, [SIGNER]);
    };
    await guard.close(0);
    open();
    await guard.ready(10_000); // A host that has restarted knows no longer chain.
    expect(guard.stats().faults.forged).toBe(0);
  });

  it('is not followed by a key that pins nothing, while request logs are sent', async () => {
    server.publish(decision());
    open(KEY.slice(0, 61));
    guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1' });
    await until(() => guard.stats().shipped === 1, 'shipped');
    expect([verdict(), server.feeds.length, guard.stats().faults.config]).toEqual(['allow', 0, 1]);
    expect(faults[0]?.message).toMatch(/pins no signing key/);
  });
});
