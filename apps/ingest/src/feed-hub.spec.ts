import { setImmediate as turn } from 'node:timers/promises';
import type { FeedChange } from '@plimsoll/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import { FeedHub, MAX_WAITERS_PER_KEY, VERSION_BELIEVED_MS } from './feed-hub.js';

let now = 0;
let versions: Map<string, number>;
let versionReads = 0;
let feedReads = 0;
let hub: FeedHub;
beforeEach(() => {
  [now, versionReads, feedReads] = [1_000_000, 0, 0];
  versions = new Map([['shop', 3]]);
  hub = new FeedHub({
    feedSince: async (service, since = 0): Promise<FeedChange> => {
      feedReads += 1;
      const version = versions.get(service) ?? 0;
      await turn();
      return { type: 'delta', previous: since, version, mark: '', newest: version, decisions: [], lifted: [] };
    },
    versions: async (services) => {
      versionReads += 1;
      const found = new Map(services.flatMap((id) => (versions.has(id) ? [[id, versions.get(id) ?? 0] as const] : [])));
      await turn();
      return found;
    },
    now: () => now,
  });
});

interface Waiting {
  done: boolean;
  gone: AbortController;
  ended: Promise<void>;
}
async function wait(since: number, key = 'key_1'): Promise<Waiting> {
  const gone = new AbortController();
  const waiting: Waiting = { done: false, gone, ended: Promise.resolve() };
  waiting.ended = hub.changed({ key, service: 'shop', since, waitMs: 60_000, signal: gone.signal }).then(() => {
    waiting.done = true;
  });
  waiting.ended.catch(() => {});
  for (let i = 0; i < 5; i += 1) await turn();
  return waiting;
}

describe('versions', () => {
  it('are read once in 5 s and moved by announcements', async () => {
    expect(await Promise.all([hub.version('shop'), hub.version('shop')])).toEqual([3, 3]);
    hub.announced({ service: 'shop', version: 4 });
    expect(await hub.version('shop')).toBe(4);
    expect(versionReads).toBe(1);
    versions.set('shop', 5);
    now += VERSION_BELIEVED_MS;
    expect(await hub.version('shop')).toBe(5);
    expect([hub.lastVersion('shop'), hub.lastVersion('bank')]).toEqual([5, 0]);
  });

  it('are not set back by an answer that was asked for before the announcement', async () => {
    const reading = hub.version('shop');
    hub.announced({ service: 'shop', version: 4 });
    await hub.version('shop');
    hub.announced({ service: 'shop', version: 4 });
    expect(await reading).toBe(3);
    expect(await hub.version('shop')).toBe(4);
  });

  it('remember nothing of services that nobody asked for', () => {
    hub.announced({ service: 'invented', version: 4 });
    expect(hub.lastVersion('invented')).toBe(0);
  });
});

describe('waiting', () => {
  it('is over at once where the version differs, above or below', async () => {
    expect((await wait(2)).done).toBe(true);
    expect((await wait(9)).done).toBe(true);
  });

  it('ends with an announcement of a newer version of the same service', async () => {
    const waiting = await wait(3);
    hub.announced({ service: 'bank', version: 9 });
    hub.announced({ service: 'shop', version: 3 });
    hub.announced({ service: 'shop', version: 2 });
    await turn();
    expect([waiting.done, hub.waiting]).toEqual([false, 1]);
    hub.announced({ service: 'shop', version: 4 });
    await waiting.ended;
    expect(hub.waiting).toBe(0);
  });

  it('ends with a change that was never announced', async () => {
    const waiting = await wait(3);
    await hub.recheck();
    expect(waiting.done).toBe(false);
    versions.set('shop', 4);
    now += VERSION_BELIEVED_MS;
    await hub.recheck();
    await waiting.ended;
  });

  it('ends when its time is up, the client goes or the hub closes', async () => {
    const [first, second] = [await wait(3), await wait(3)];
    first.gone.abort();
    await first.ended;
    expect([second.done, hub.waiting]).toEqual([false, 1]);
    hub.close();
    await second.ended;
    expect((await wait(3)).done).toBe(true);
    expect(hub.waiting).toBe(0);
    const gone = new AbortController().signal;
    await new FeedHub({
      feedSince: async () => Promise.reject(new Error()),
      versions: async () => versions,
      now: () => now,
    }).changed({
      key: 'key_1',
      service: 'shop',
      since: 3,
      waitMs: 1,
      signal: gone,
    });
  });

  it('is bounded for each key, and given back', async () => {
    await hub.version('shop');
    const all = Array.from({ length: MAX_WAITERS_PER_KEY }, () => wait(3));
    await Promise.all(all);
    const refused = await wait(3);
    await expect(refused.ended).rejects.toMatchObject({ code: 'too-many-requests', retryAfterSeconds: 5 });
    expect((await wait(3, 'key_2')).done).toBe(false);
    hub.announced({ service: 'shop', version: 4 });
    await Promise.all((await Promise.all(all)).map(({ ended }) => ended));
    expect(hub.waiting).toBe(0);
    expect((await wait(4)).done).toBe(false);
  });

  it('costs one query for all that were woken together', async () => {
    const waiting = await Promise.all(Array.from({ length: 50 }, () => wait(3)));
    hub.announced({ service: 'shop', version: 4 });
    versions.set('shop', 4);
    const feeds = await Promise.all(waiting.map(({ ended }) => ended.then(() => hub.change('shop', 3))));
    expect(feeds.map(({ newest }) => newest)).toEqual(Array(50).fill(4));
    expect(feedReads).toBe(1);
    await hub.change('shop', 3);
    expect(feedReads).toBe(2);
  });

  it('of a watcher goes on from change to change, until it is ended', async () => {
    let woken = 0;
    await hub.version('shop');
    const unwatch = hub.watch('shop', () => {
      woken += 1;
    });
    hub.announced({ service: 'shop', version: 4 });
    hub.announced({ service: 'shop', version: 4 });
    versions.set('shop', 5);
    now += VERSION_BELIEVED_MS;
    await hub.recheck();
    expect(woken).toBe(2);
    unwatch();
    hub.announced({ service: 'shop', version: 6 });
    hub.close();
    expect([woken, hub.closed]).toEqual([2, true]);
  });
});
