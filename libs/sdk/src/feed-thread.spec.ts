import { beforeEach, describe, expect, it } from 'vitest';
import { KEY, risk, SIGNER } from '../test/fake-plimsoll.js';
import { frameEvent, keysEvent } from '../test/fake-signer.js';
import { FeedEvents } from './feed-events.js';
import { FeedThread } from './feed-thread.js';

const T = 1_800_000_000_000;
const sink = {
  clock: () => undefined,
  begin: () => undefined,
  put: () => undefined,
  lift: () => undefined,
  end: () => undefined,
};
const nothing = new Proxy(sink, { get: () => () => undefined });
let thread: FeedThread;
const place = (change: object = {}) => ({
  service: 'shop',
  environment: 'test',
  version: 1,
  issuedAt: T,
  expiresAt: T + 60_000,
  ...change,
});
const take = (text: string) => {
  const [event] = new FeedEvents(1_000_000).push(Buffer.from(text)) ?? [];
  return event === undefined ? undefined : thread.take(event);
};
const say = (frame: object) => take(frameEvent(frame as never, SIGNER));
const risks = (change: object = {}) => ({
  type: 'risk',
  ...place(),
  previous: null,
  seq: 5,
  part: 0,
  parts: 1,
  halfLifeMs: 1_000,
  floor: 0.05,
  raised: [risk()],
  gone: [],
  ...change,
});
beforeEach(() => {
  thread = new FeedThread(
    { prefix: KEY.slice(5, 17), pin: SIGNER.kid.slice(0, 22) },
    nothing as never,
    nothing as never,
    () => undefined,
    () => 0,
  );
  thread.open('nonce');
  take(keysEvent([SIGNER]));
  say({ type: 'hello', ...place(), key: KEY.slice(5, 17), nonce: 'nonce', receiptMs: 0 });
  say({ type: 'snapshot', ...place(), snapshot: 's', part: 0, parts: 1, decisions: [] });
});

describe('a sign of life', () => {
  it('is what the server says now, and nothing that somebody on the way can say again', () => {
    const { heard } = thread;
    const beat = { type: 'beat', ...place({ issuedAt: T + 10_000 }) };
    const more = (what: () => unknown) => {
      const before = thread.heard;
      what();
      return thread.heard - before;
    };
    expect(heard).toBe(2);
    expect(more(() => take(keysEvent([SIGNER])))).toBe(0);
    expect([more(() => say(beat)), more(() => say(beat))]).toEqual([1, 0]);
    const raised = risks({ issuedAt: T + 20_000 });
    expect([more(() => say(raised)), more(() => say(raised))]).toEqual([1, 0]);
    const unknown = { type: 'weather', ...place({ issuedAt: T + 30_000 }) };
    expect([more(() => say(unknown)), more(() => say(unknown))]).toEqual([1, 0]);
    expect(more(() => say({ type: 'delta', ...place({ version: 2 }), previous: 1, decisions: [], lifted: [] }))).toBe(1);
  });
});

describe('risks', () => {
  it('do not go back to what was said before', () => {
    expect([say(risks())?.type, say(risks({ previous: 5, seq: 6 }))?.type]).toEqual(['current', 'current']);
    expect(say(risks())).toMatchObject({ type: 'refused', code: 'forged' });
  });
});
