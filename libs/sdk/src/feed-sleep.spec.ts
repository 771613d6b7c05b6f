import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { decision, FakePlimsoll, KEY, until } from '../test/fake-plimsoll.js';
import { plimsoll } from './guard.js';

const user = (id: string) => decision({ subject: { type: 'actor', id } });
let server: FakePlimsoll;
beforeEach(async () => {
  server = await new FakePlimsoll().start();
});
afterEach(() => server.stop());

describe('a machine that slept', () => {
  it('begins a new connection where the wall clock has gone on without the monotonic one, from what it holds', async () => {
    server.publish(user('u1'));
    const guard = plimsoll({ url: server.url, key: KEY, flushMs: 10 });
    expect(await guard.ready(10_000)).toBe(true);
    const real = Date.now;
    const wall = vi.spyOn(Date, 'now').mockImplementation(() => real() + 3_600_000);
    await until(() => server.feeds.length === 2, 'a new connection');
    wall.mockRestore();
    expect(server.feeds[1]).toBe('/v1/feed/stream from 1');
    await until(() => guard.stats().feedConnected, 'connected');
    expect(Object.values(guard.stats().faults).every((count) => count === 0)).toBe(true);
    await guard.close(0);
  });
});

describe('a host that was stopped for a while (SIGSTOP)', () => {
  let folder = '';
  let child: ChildProcess;
  const said: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-sleeper-'));
    const entry = new URL('../test/sleeper.ts', import.meta.url).pathname;
    await build({
      configFile: false,
      logLevel: 'silent',
      build: { ssr: entry, outDir: folder, rolldownOptions: { output: { entryFileNames: 'sleeper.mjs' } } },
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    said.length = 0;
    server.publish(user('u1'));
    child = fork(join(folder, 'sleeper.mjs'), [server.url, KEY]);
    child.on('message', (message) => said.push(String(message)));
    await until(() => said.includes('u1'), 'the first is enforced');
  });
  afterEach(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });

  it('takes what was decided meanwhile from the same connection', async () => {
    child.kill('SIGSTOP');
    for (let version = 2; version <= 50; version += 1) {
      server.publish(...Array.from({ length: version }, (_, index) => user(`u${index + 1}`)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(said).toEqual(['ready', 'u1']);
    child.kill('SIGCONT');
    await until(() => said.includes('u50'), 'all of them');
    expect(server.feeds).toEqual(['/v1/feed/stream']);
  });

  it('comes back from the version that it holds where its connection has died meanwhile', async () => {
    child.kill('SIGSTOP');
    for (const stream of server.streams) stream.destroy();
    server.publish(user('u1'), user('u2'));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(said).toEqual(['ready', 'u1']);
    child.kill('SIGCONT');
    await until(() => said.includes('u2'), 'what was decided meanwhile');
    expect(server.feeds).toEqual(['/v1/feed/stream', '/v1/feed/stream from 1']);
  });
});
