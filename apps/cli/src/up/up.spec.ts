/** The product itself, as it is built: what it leaves behind, and what it says when it cannot start. Needs `npm run build`. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts, type Product, startProduct } from '../../../../test/setup/product.js';
import { startOf } from '../../bin/processes.mjs';
import { readRun } from './data-folder.js';

const run = promisify(execFile);
const bin = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));

/** Every living process below one. */
function descendants(pid: number): number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] => all.flatMap(([id = 0, of]) => (of === parent ? [id, ...below(id)] : []));
  return below(pid);
}

async function allGone(pids: number[], withinMs = 20_000): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (pids.some((pid) => startOf(pid) !== undefined) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return pids.every((pid) => startOf(pid) === undefined);
}

async function failure(...args: string[]): Promise<{ code: number; stderr: string }> {
  try {
    await run(process.execPath, [bin, ...args], { timeout: 60_000 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'stderr' in error) {
      return { code: Number(error.code), stderr: String(error.stderr) };
    }
  }
  throw new Error(`${args.join(' ')} did not fail`);
}

let data: string;
let port: number;
let product: Product | undefined;
const begin = async () => {
  product = await startProduct({ data, port, args: ['--no-demo'] });
  return product;
};

/** The one that runs now. Never an absent one's process id 0, which would name this test's own group. */
function running(): Product {
  if (!product || product.pid <= 1) throw new Error('the product does not run: an earlier test says why');
  return product;
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'plimsoll-up-'));
  port = await freePorts();
});
afterAll(async () => {
  await product?.stop();
  await rm(data, { recursive: true, force: true });
});

describe('the product', { timeout: 120_000 }, () => {
  it('serves, refuses a second start on its folder and on its ports, and gives fresh links', async () => {
    const { urls, run: command, pid } = await begin();
    expect((await fetch(new URL('/readyz', urls.ingest))).status).toBe(200);
    expect((await fetch(urls.admin)).status).toBe(200);
    const again = await failure('up', '--data', data, '--port', String(port));
    expect(again).toEqual({ code: 1, stderr: expect.stringMatching(/^Plimsoll already runs on .*--port N\.\n$/) });
    const elsewhere = await failure('up', '--data', join(data, 'other'), '--port', String(port));
    expect(elsewhere).toEqual({ code: 1, stderr: expect.stringMatching(new RegExp(`^Port ${port}, wanted for admin, .*\n$`)) });
    const links = await Promise.all([command('sign-in-link'), command('sign-in-link')]);
    for (const link of links) expect(link).toMatch(new RegExp(`^http://localhost:${port}/sign-in#[\\w-]{43}\n$`));
    expect(links[0]).not.toBe(links[1]);
    expect(startOf(pid)).toBeDefined();
  });

  it('keeps what it knows of secrets to its owner', async () => {
    for (const name of ['run.json', 'secrets.json', 'redis/state.json', 'postgres/state.json', 'logs/admin.log']) {
      expect([name, (await stat(join(data, name))).mode & 0o077]).toEqual([name, 0]);
    }
    const { masterKey } = JSON.parse(await readFile(join(data, 'secrets.json'), 'utf8'));
    const commands = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
    const password = new URL((await readRun(data))?.redisUrl ?? '').password;
    for (const secret of [masterKey, password]) expect(commands).not.toContain(secret);
  });

  it('leaves no process behind when it is killed with -9, and starts again on the same folder', async () => {
    const { pid } = running();
    const children = descendants(pid);
    // Redis, PostgreSQL with its own children, ingest, worker, admin, the watchdog.
    expect(children.length).toBeGreaterThan(6);
    process.kill(pid, 'SIGKILL');
    expect(await allGone([pid, ...children])).toBe(true);
    expect(await readRun(data)).toBeUndefined();
    await begin();
    expect((await fetch(new URL('/readyz', running().urls.ingest))).status).toBe(200);
  });

  it('starts a killed server again at the same address', async () => {
    const children = descendants(running().pid);
    const before = await readRun(data);
    const { process: redis } = JSON.parse(await readFile(join(data, 'redis', 'state.json'), 'utf8'));
    expect(children).toContain(redis.pid);
    process.kill(redis.pid, 'SIGKILL');
    const end = Date.now() + 20_000;
    const ready = async () => (await fetch(new URL('/readyz', running().urls.ingest)).catch(() => undefined))?.status === 200;
    const replaced = async () => {
      const { process: now } = JSON.parse(await readFile(join(data, 'redis', 'state.json'), 'utf8'));
      return now.pid !== redis.pid && (await ready());
    };
    while (!(await replaced()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await replaced()).toBe(true);
    expect(await readRun(data)).toEqual(before);
    expect(running().output()).toContain('redis ended (SIGKILL');
  });

  it('stops on a signal with nothing left, neither process nor run.json', async () => {
    const { pid } = running();
    const children = descendants(pid);
    await running().stop();
    product = undefined;
    expect(await allGone([pid, ...children])).toBe(true);
    expect(await readRun(data)).toBeUndefined();
    const { stderr } = await failure('sign-in-link', '--data', data);
    expect(stderr).toMatch(/^Plimsoll does not run on .*npm start/);
  });
});
