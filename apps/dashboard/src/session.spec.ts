import type { OperationName, ProblemCode, Session } from '@plimsoll/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from './api.js';
import { ApiError, type send } from './http.js';
import { type SessionEdges, SessionStore } from './session.js';

const MINUTE = 60_000;
let issued: number;
let calls: OperationName[];
let cookie: boolean;
let answer: (name: OperationName) => Promise<unknown>;

const sessionOf = (n: number): Session => ({
  accessToken: `token-${n}`,
  liveToken: `live-${n}`,
  expiresAt: Date.now() + 15 * MINUTE,
  person: { id: 'pe_1', name: 'ada', role: 'owner' },
});
const codes = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 503: 'unavailable' } as const;
const refusal = (status: number, code: ProblemCode = codes[status as 401], detail?: string) =>
  new ApiError({ type: 'problem', problem: { type: 'urn:x', title: 'No', status, code, ...(detail && { detail }) } });
const unreachable = new ApiError({ type: 'unreachable' });

const sendOne = (async (name: OperationName) => {
  calls.push(name);
  return answer(name);
}) as typeof send;

const keys = { reload: vi.fn(), forget: vi.fn(async () => {}) };

/** One lock for all tabs of a test, and a channel that delivers to the others. */
function browser() {
  let last: Promise<unknown> = Promise.resolve();
  const tabs: NonNullable<SessionEdges['channel']>[] = [];
  return (): SessionStore => {
    const channel: NonNullable<SessionEdges['channel']> = {
      onmessage: null,
      postMessage: (data) => {
        for (const tab of tabs) if (tab !== channel) tab.onmessage?.({ data } as MessageEvent);
      },
    };
    tabs.push(channel);
    const exclusively = <T>(task: () => Promise<T>): Promise<T> => {
      const run = last.then(task);
      last = run.catch(() => {});
      return run;
    };
    const remembered = async () => cookie;
    return new SessionStore({ send: sendOne, exclusively, channel, keys, remembered, random: () => 0 });
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  issued = 0;
  calls = [];
  cookie = true;
  answer = async () => {
    issued += 1;
    return sessionOf(issued);
  };
});
afterEach(() => vi.useRealTimers());

describe('session', () => {
  it('renews once for many callers', async () => {
    const store = browser()();
    const tokens = await Promise.all(Array.from({ length: 8 }, () => store.accessToken()));
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(calls).toEqual(['refresh']);
    expect(store.snapshot()).toMatchObject({ status: 'signed-in', person: { name: 'ada' } });
  });

  it('rotates once for several tabs at the same moment', async () => {
    const open = browser();
    const tabs = [open(), open(), open()];
    const tokens = await Promise.all(tabs.map((tab) => tab.accessToken()));
    expect(tokens).toEqual(['token-1', 'token-1', 'token-1']);
    expect(calls).toEqual(['refresh']);
  });

  it('renews by itself half a minute before the token runs out', async () => {
    const store = browser()();
    await store.accessToken();
    await vi.advanceTimersByTimeAsync(14 * MINUTE + 29_000);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(calls).toHaveLength(2);
    expect(await store.accessToken()).toBe('token-2');
  });

  it('is signed out by a refusal, in the first place without having been signed in', async () => {
    answer = async () => Promise.reject(refusal(401));
    expect(await browser()().restore()).toEqual({ status: 'signed-out', ended: false });
  });

  it('asks for no session where the browser has no cookie', async () => {
    cookie = false;
    expect(await browser()().restore()).toEqual({ status: 'signed-out', ended: false });
    expect(calls).toEqual([]);
  });

  it('takes a session that another tab has begun while it asked', async () => {
    cookie = false;
    const open = browser();
    const [one, two] = [open(), open()];
    const asked = two.restore();
    const signedIn = one.signIn('a-one-time-token');
    expect(await asked).toMatchObject({ status: 'signed-out' });
    await signedIn;
    expect(two.snapshot().status).toBe('signed-in');
  });

  it('says so when a session that was there has ended', async () => {
    const store = browser()();
    await store.accessToken();
    answer = async () => Promise.reject(refusal(401));
    await expect(store.renew()).rejects.toThrow(ApiError);
    expect(store.snapshot()).toEqual({ status: 'signed-out', ended: true });
  });

  it('says why when it was copied, and takes another key for the next one', async () => {
    const store = browser()();
    await store.accessToken();
    keys.forget.mockClear();
    answer = async () => Promise.reject(refusal(401, 'session-copied', 'A copy of it was used.'));
    await expect(store.renew()).rejects.toThrow(ApiError);
    expect(store.snapshot()).toEqual({ status: 'signed-out', ended: true, why: 'A copy of it was used.' });
    expect(keys.forget).toHaveBeenCalledOnce();
  });

  it.each([
    ['a store is away', refusal(503)],
    ['it cannot take the proof', refusal(400, 'proof-invalid')],
    ['it is asked too often', refusal(429, 'too-many-requests')],
    ['it cannot be reached', unreachable],
  ])('is not signed out, and keeps its key, where the server says that %s', async (_, error) => {
    const store = browser()();
    await store.accessToken();
    keys.forget.mockClear();
    const good = answer;
    answer = async () => Promise.reject(error);
    await expect(store.renew()).rejects.toThrow(ApiError);
    expect([store.snapshot().status, keys.forget.mock.calls.length]).toEqual(['signed-in', 0]);
    answer = good;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await store.accessToken()).toBe('token-2');
  });

  it('renews at once when the machine has slept past the end of its token', async () => {
    const store = browser()();
    await store.accessToken();
    store.wake();
    expect(calls).toHaveLength(1);
    vi.setSystemTime(Date.now() + 60 * MINUTE);
    store.wake();
    expect(await store.liveToken()).toBe('live-2');
    expect(calls).toHaveLength(2);
  });

  it('stays signed in while the server is away, and tries again', async () => {
    const store = browser()();
    await store.accessToken();
    const good = answer;
    answer = async () => Promise.reject(unreachable);
    await expect(store.renew()).rejects.toThrow(ApiError);
    expect(store.snapshot().status).toBe('signed-in');
    answer = good;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await store.accessToken()).toBe('token-2');
  });

  it('does not know who is there when the server cannot be asked', async () => {
    answer = async () => Promise.reject(unreachable);
    const store = browser()();
    await expect(store.restore()).rejects.toThrow(/cannot be reached/);
    expect(store.snapshot()).toEqual({ status: 'unknown' });
  });

  it('signs out of every tab', async () => {
    const open = browser();
    const [one, two] = [open(), open()];
    await one.signIn('a-one-time-token');
    expect(two.snapshot().status).toBe('signed-in');
    answer = async () => null;
    await two.signOut();
    expect([one.snapshot().status, two.snapshot().status]).toEqual(['signed-out', 'signed-out']);
  });
});

describe('api client', () => {
  const asked: (string | undefined)[] = [];
  const client = (results: (unknown | ApiError)[]) => {
    const store = browser()();
    const sendTwice = (async (_name: OperationName, _input: object, options?: { accessToken?: string }) => {
      asked.push(options?.accessToken);
      const result = results.shift();
      if (result instanceof ApiError) throw result;
      return result;
    }) as typeof send;
    return createApi(store, sendTwice);
  };
  beforeEach(() => asked.splice(0));

  it('sends the token and gives the answer', async () => {
    expect(await client([{ items: [] }])('services', {})).toEqual({ items: [] });
    expect(asked).toEqual(['token-1']);
  });
  it('renews once when the server no longer takes the token', async () => {
    expect(await client([refusal(401), { items: [] }])('services', {})).toEqual({ items: [] });
    expect(asked).toEqual(['token-1', 'token-2']);
  });
  it('gives up after the second refusal', async () => {
    await expect(client([refusal(401), refusal(401), { items: [] }])('services', {})).rejects.toMatchObject({ status: 401 });
    expect(asked).toHaveLength(2);
  });
  it.each([403, 404, 409])('does not repeat a call answered %d', async (status) => {
    await expect(client([refusal(status), {}])('services', {})).rejects.toMatchObject({ status });
    expect(asked).toHaveLength(1);
  });
});
