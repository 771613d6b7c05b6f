/** The built process itself: how it starts, refuses to start, and stops. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { freePorts } from '../../../test/setup/product.js';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const children: ChildProcess[] = [];
beforeAll(() => {
  if (!existsSync(entry)) throw new Error('build it first: npx nx build @plimsoll/admin');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(env: NodeJS.ProcessEnv): {
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  exit: Promise<unknown[]>;
} {
  const child = fork(entry, {
    execArgv: [],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk) => {
      texts[name] += chunk;
    });
  }
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, exit: once(child, 'exit') };
}
async function ready() {
  const port = await freePorts();
  const started = start({
    DATABASE_URL: await freshDatabase(),
    REDIS_URL: inject('redisUrl'),
    PLIMSOLL_NAMESPACE: randomNamespace(),
    PLIMSOLL_MASTER_KEY: Buffer.alloc(32, 7).toString('base64url'),
    PLIMSOLL_FEED_KEY: Buffer.alloc(32, 9).toString('base64url'),
    PUBLIC_URL: `http://localhost:${port}`,
    PORT: String(port),
  });
  const [word] = await Promise.race([once(started.child, 'message'), started.exit]);
  expect(word).toEqual({ type: 'ready' });
  return { ...started, port };
}

describe('the process', () => {
  it('ends with 78 and one line a fault where its environment is wrong', async () => {
    const { child, stderr } = start({ REDIS_URL: 'redis://localhost', PLIMSOLL_MASTER_KEY: 'canary' });
    expect(await once(child, 'close')).toEqual([78, null]);
    expect(stderr().trim().split('\n').sort()).toEqual([
      expect.stringMatching(/^DATABASE_URL: /),
      expect.stringMatching(/^PLIMSOLL_FEED_KEY: /),
      expect.stringMatching(/^PLIMSOLL_MASTER_KEY: /),
    ]);
    expect(stderr()).not.toContain('canary');
  });

  it('says when it listens, on loopback, and ends with 0 on SIGTERM', async () => {
    const { child, exit, port } = await ready();
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('ends with 1 and a line of its log where it cannot start', async () => {
    const { child, stdout, stderr } = start({
      DATABASE_URL: 'postgres://localhost:1/none',
      REDIS_URL: inject('redisUrl'),
      PLIMSOLL_MASTER_KEY: Buffer.alloc(32, 7).toString('base64url'),
      PLIMSOLL_FEED_KEY: Buffer.alloc(32, 9).toString('base64url'),
      PORT: '0',
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    const said = stdout()
      .trim()
      .split('\n')
      .map((line): { level: number } => JSON.parse(line));
    expect(said.filter(({ level }) => level >= 60)).toMatchObject([{ level: 60, name: 'admin' }]);
    expect(stderr()).toBe('');
  });

  it('ends when its parent is gone', async () => {
    const { child, exit } = await ready();
    child.disconnect();
    expect(await exit).toEqual([0, null]);
  });
});
