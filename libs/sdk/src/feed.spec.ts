import type { Feed as FeedBody } from '@plimsoll/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, sendJson, until } from '../test/fake-plimsoll.js';
import { readFeed } from './feed-answer.js';
import { type Guard, plimsoll } from './guard.js';

let server: FakePlimsoll;
let guard: Guard;
const open = () => {
  guard = plimsoll({ url: `${server.url}/`, key: KEY, flushMs: 10, onError: () => undefined });
  return guard;
};
const verdict = (actor = 'mallory') => guard.check({ actor }).verdict;

beforeEach(async () => {
  server = await new FakePlimsoll().start();
});
afterEach(async () => {
  await guard?.close(0);
  await server.stop();
});

describe('following the feed', () => {
  it('starts with all decisions, then hears of each change', async () => {
    server.publish(decision());
    open();
    expect(await guard.ready()).toBe(true);
    expect(verdict()).toBe('block');
    expect(server.polls[0]).toBe('?wait=25');
    await until(() => server.waiting === 1, 'a poll is held');
    expect(server.polls[1]).toBe('?since=1&wait=25');
    server.publish();
    await until(() => verdict() === 'allow', 'lifted');
    expect(guard.stats()).toMatchObject({ feedVersion: 2, feedConnected: true, decisions: 0 });
  });

  it('takes deltas: added, lifted', async () => {
    const block = decision();
    server.publish(block);
    open();
    await guard.ready();
    const other = decision({ subject: { type: 'actor', id: 'eve' } });
    server.onPoll = (_request, response) => {
      server.onPoll = () => undefined;
      sendJson(response, 200, { version: 2, full: false, serverTime: Date.now(), decisions: [other], lifted: [block.id] });
    };
    await until(() => verdict('eve') === 'block', 'added');
    expect(verdict()).toBe('allow');
  });

  it('asks for all when a delta fits nothing, or the version runs backwards', async () => {
    server.publish(decision());
    let answers = 0;
    server.onPoll = (_request, response) => {
      answers += 1;
      if (answers === 1) sendJson(response, 200, server.feed(false));
      else if (answers === 2) sendJson(response, 200, server.feed());
      else if (answers === 3) sendJson(response, 200, { ...server.feed(false), version: 0 });
      else server.onPoll = undefined;
      if (answers > 3) sendJson(response, 200, server.feed());
    };
    open();
    await until(() => answers === 4 && guard.stats().decisions === 1, 'mended');
    expect(server.polls.slice(0, 4)).toEqual(['?wait=25', '?wait=25', '?since=1&wait=25', '?wait=25']);
  });

  it('keeps its decisions while the server is away, and follows again when it is back', async () => {
    server.publish(decision());
    open();
    await guard.ready();
    const port = Number(new URL(server.url).port);
    await server.stop();
    await until(() => !guard.stats().feedConnected, 'noticed');
    expect(verdict()).toBe('block');
    server = await new FakePlimsoll().start(port);
    await until(() => guard.stats().feedConnected && guard.stats().decisions === 0, 'followed again');
  });

  it('does not run hot on a server that answers at once', async () => {
    server.onPoll = (_request, response) => sendJson(response, 200, server.feed());
    open();
    await guard.ready();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.polls.length).toBeLessThan(6);
  });

  it('comes at once out of a pause when a batch tells of news', async () => {
    server.onPoll = (_request, response) => sendJson(response, 503, {}, { 'retry-after': '300' });
    open();
    await until(() => guard.stats().faults.refused === 1, 'refused');
    server.onPoll = undefined;
    server.publish(decision());
    guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1' });
    await until(() => verdict() === 'block', 'nudged');
  });

  it('does not press a feed that stays away, however many batches tell of the same news', async () => {
    server.onPoll = (_request, response) => sendJson(response, 503, {}, { 'retry-after': '300' });
    server.version = 7;
    open();
    await until(() => guard.stats().faults.refused === 1, 'refused');
    for (let batch = 1; batch <= 10; batch += 1) {
      guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1' });
      await until(() => guard.stats().batches === batch, 'shipped');
    }
    expect(server.polls.length).toBeLessThanOrEqual(2);
  });

  it.each([
    ['rubbish', 'no json'],
    ['null', 'null'],
    ['an array', '[]'],
    ['another shape', '{"version":1,"full":"yes","serverTime":1,"decisions":[],"lifted":[]}'],
    ['nothing', ''],
    ['deep nesting', '['.repeat(100_000)],
  ])('ignores %s and keeps what it has', async (_name, text) => {
    server.publish(decision());
    open();
    await guard.ready();
    await until(() => server.waiting === 1, 'a poll is held');
    server.onPoll = (_request, response) => response.end(text);
    server.publish();
    await until(() => server.polls.length >= 3, 'polled again');
    await until(() => guard.stats().faults.answer > 0, 'noticed');
    expect(guard.stats().decisions).toBeLessThanOrEqual(1);
    server.onPoll = undefined;
    server.publish(decision());
    await until(() => guard.stats().feedConnected && verdict() === 'block', 'recovered');
  });

  it('is not ready when the server hangs', async () => {
    server.onPoll = () => undefined;
    open();
    expect(await guard.ready(30)).toBe(false);
    expect(verdict()).toBe('allow');
  });
});

describe('reading an answer', () => {
  const body = (change: object = {}): FeedBody & Record<string, unknown> => ({
    version: 1,
    full: true,
    serverTime: 1_800_000_000_000,
    decisions: [],
    lifted: [],
    ...change,
  });
  const read = (value: unknown) => readFeed(JSON.stringify(value));

  it('leaves out single decisions that make no sense, and counts them', () => {
    const good = decision();
    const bad = [
      { ...good, action: 'challenge' },
      { ...good, action: 'throttle', rate: null },
      { ...good, action: 'throttle', rate: { requests: 0, windowSeconds: 60 } },
      { ...good, action: 'throttle', rate: { requests: 1, windowSeconds: '60' } },
      { ...good, subject: { type: 'everyone', id: 'x' } },
      { ...good, subject: { type: 'address', id: 'not an address' } },
      { ...good, subject: { type: 'actor', id: '' } },
      { ...good, subject: { type: 'actor', id: 'x'.repeat(769) } },
      { ...good, id: 7 },
      { ...good, until: 1e300 },
      { ...good, endpoint: 5 },
      null,
      'block all',
    ];
    const result = read(body({ decisions: [...bad, good] }));
    expect(result?.feed.decisions).toEqual([good]);
    expect(result?.faulty).toBe(bad.length);
  });

  it('writes addresses in the one form that callers have', () => {
    const decisions = ['2001:DB8:0::1', '::ffff:192.0.2.7'].map((id) => decision({ subject: { type: 'address', id } }));
    expect(read(body({ decisions }))?.feed.decisions.map(({ subject }) => subject.id)).toEqual(['2001:db8::1', '192.0.2.7']);
  });

  it('holds no decision for longer than a year or so', () => {
    const { feed } = read(body({ decisions: [decision({ until: Number.MAX_SAFE_INTEGER })] })) ?? {};
    expect((feed?.decisions[0]?.until ?? Number.NaN) - 1_800_000_000_000).toBeLessThan(368 * 86_400_000);
  });

  it('copies known fields only and pollutes nothing', () => {
    const text = JSON.stringify(body({ decisions: [decision()] })).replace('"action"', '"__proto__":{"polluted":1},"action"');
    const [one] = readFeed(text)?.feed.decisions ?? [];
    expect(Object.keys(one ?? {})).not.toContain('__proto__');
    expect(one).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (decisions, lifted) => {
        const result = read(body({ decisions: [decisions], lifted: [lifted] }));
        expect(result?.feed.decisions.length).toBeLessThanOrEqual(1);
        readFeed(JSON.stringify(decisions));
      }),
    );
  });
});
