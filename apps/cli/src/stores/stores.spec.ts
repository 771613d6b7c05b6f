import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startOf } from '../../bin/processes.mjs';
import { startPostgres } from './postgres.js';
import { type Store, startRedis } from './redis.js';

// Some of them start a server three times over.
vi.setConfig({ testTimeout: 120_000 });

const folders: string[] = [];
const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'plimsoll-stores-'));
  folders.push(path);
  return path;
}
async function started<S extends Store>(starting: Promise<S>): Promise<S> {
  const store = await starting;
  stores.push(store);
  return store;
}

/** Sends one line of Redis's inline protocol per command and gives all that comes back. */
function redis(url: string, ...commands: string[]): Promise<string> {
  const { port, password } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
    socket.end(`${[...(password ? [`AUTH ${password}`] : []), ...commands, 'QUIT'].join('\r\n')}\r\n`);
  });
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the private Redis', () => {
  it('keeps port, password and data over a restart, and keeps what kill -9 interrupted', async () => {
    const dir = join(await folder(), 'redis');
    const first = await started(startRedis({ dir }));
    expect(await redis(first.url, 'SET kept yes')).toContain('+OK');
    await first.stop();
    expect(startOf(first.pid)).toBeUndefined();
    const second = await started(startRedis({ dir }));
    expect(second.url).toBe(first.url);
    expect(await redis(second.url, 'GET kept')).toContain('yes');
    process.kill(second.pid, 'SIGKILL');
    expect(await second.exited).toBe('SIGKILL');
    const third = await started(startRedis({ dir }));
    expect(await redis(third.url, 'GET kept')).toContain('yes');
  });

  it('never evicts, writes an append-only file and wants its password', async () => {
    const { url } = await started(startRedis({ dir: join(await folder(), 'redis') }));
    const settings = await redis(url, 'CONFIG GET maxmemory-policy', 'CONFIG GET appendonly', 'CONFIG GET maxmemory');
    expect(settings).toMatch(/noeviction[\s\S]*yes[\s\S]*maxmemory\r\n\$\d+\r\n[1-9]\d+/);
    expect(await redis(url.replace(/:[^:@]+@/, ''), 'GET kept')).toContain('NOAUTH');
  });
});

describe('the private PostgreSQL', () => {
  it('keeps port, password and data over a restart and over kill -9 with a reused process id in its lock file', async () => {
    const dir = join(await folder(), 'postgres');
    const first = await started(startPostgres({ dir }));
    await query(first.url, 'create table kept (id int)');
    await first.stop();
    expect(startOf(first.pid)).toBeUndefined();
    const second = await started(startPostgres({ dir }));
    expect(second.url).toBe(first.url);
    await query(second.url, 'insert into kept values (7)');
    process.kill(second.pid, 'SIGKILL');
    await second.exited;
    const lock = join(second.data, 'cluster', 'postmaster.pid');
    // The number now belongs to a stranger that PostgreSQL would take for another server of this cluster.
    const stranger = spawn('sleep', ['60']);
    await writeFile(lock, (await readFile(lock, 'utf8')).replace(/^\d+/, String(stranger.pid)));
    // As a restored backup may have it.
    await chmod(join(second.data, 'cluster'), 0o755);
    const third = await started(startPostgres({ dir }));
    expect(await query(third.url, 'select id from kept')).toEqual([{ id: 7 }]);
    expect(stranger.kill()).toBe(true);
  });

  it('gives a role that is no superuser, may create databases, and lets nobody else in', async () => {
    const { url } = await started(startPostgres({ dir: join(await folder(), 'postgres') }));
    expect(await query(url, 'select rolsuper, rolcreatedb from pg_roles where rolname = current_user')).toEqual([
      { rolsuper: false, rolcreatedb: true },
    ]);
    const superuser = new URL(url);
    superuser.username = 'postgres';
    await expect(query(superuser.href, 'select 1')).rejects.toThrow(/no pg_hba.conf entry|reject/);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  });
});

describe('a port that is taken', () => {
  it.each([
    ['redis', startRedis, /address already in use/i],
    ['postgres', startPostgres, /could not create any TCP\/IP sockets/],
  ] as const)(
    'is told as %s tells it, and left to its holder; without one wanted another is found',
    async (name, start, words) => {
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const address = holder.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      try {
        const dir = join(await folder(), name);
        // The words by which a start that lost a race for its port is tried again on another.
        await expect(start({ dir, port })).rejects.toThrow(words);
        expect((await started(start({ dir }))).port).not.toBe(port);
      } finally {
        holder.close();
      }
    },
  );
});
