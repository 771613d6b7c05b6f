/** The process: how it begins, says that it works, and ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { schema } from '@plimsoll/storage';
import { afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';

const main = resolve('apps/worker/dist/main.js');
let stage: Stage;
let children: ChildProcess[];
beforeAll(() => {
  if (!existsSync(main)) throw new Error('apps/worker is not built: npm run build');
});
beforeEach(async () => {
  stage = await openStage();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await stage.close();
});

function start(env: Record<string, string> = {}, stdio: 'ipc' | 'ignore' = 'ipc'): ChildProcess & { text(): string } {
  const own = {
    DATABASE_URL: stage.databaseUrl,
    REDIS_URL: inject('redisUrl'),
    PLIMSOLL_NAMESPACE: stage.env.PLIMSOLL_NAMESPACE,
  };
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe', stdio],
    env: { ...own, PLIMSOLL_SHARDS: '2', ...env },
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  }
  return Object.assign(child, { text: () => text });
}
const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
};

it('names each fault of its environment and exits 78', async () => {
  const child = start({ DATABASE_URL: 'mysql://secret', PLIMSOLL_SHARDS: 'many' });
  const [code] = await once(child, 'close');
  expect(code).toBe(78);
  expect(child.text().trim().split('\n')).toHaveLength(2);
  expect(child.text()).not.toContain('secret');
});

it('says when it works, answers for its health, and gives its shards back on SIGTERM, with exit code 0', async () => {
  const port = await freePort();
  const child = start({ HEALTH_PORT: String(port), HOST: '127.0.0.1' });
  expect((await once(child, 'message'))[0]).toEqual({ type: 'ready' });
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  await expect.poll(() => Promise.all(['/healthz', '/readyz', '/other'].map(status))).toEqual([200, 200, 404]);
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  const shards = await stage.db.select().from(schema.shard);
  expect(shards.map(({ owner, leaseUntil }) => [owner, leaseUntil])).toEqual([
    [null, 0],
    [null, 0],
  ]);
  for (const line of child.text().trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  expect(child.text()).not.toContain(new URL(inject('redisUrl')).password);
});

it('ends with its parent', async () => {
  const child = start();
  await once(child, 'message');
  child.disconnect();
  expect((await once(child, 'exit'))[0]).toBe(0);
});

it('can be stopped while it waits for Redis', async () => {
  const child = start({ REDIS_URL: `redis://127.0.0.1:${await freePort()}`, LOG_LEVEL: 'info' });
  await expect.poll(() => child.text(), { timeout: 10_000 }).toContain('starting');
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
});
