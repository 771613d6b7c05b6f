import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startOf } from '../../bin/processes.mjs';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const left: number[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const pid of left.splice(0)) if (startOf(pid) !== undefined) process.kill(pid, 'SIGKILL');
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (startOf(pid) !== undefined && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  return startOf(pid) === undefined;
}

function sleeper(): number {
  const pid = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' }).pid ?? 0;
  left.push(pid);
  return pid;
}

/** Node answers SIGINT and SIGTERM before the script does: SIGHUP, the first signal, is the script's alone. Half a second where there is no /proc. */
async function untilHandlesSignals(pid: number): Promise<void> {
  if (!existsSync('/proc/self/status')) return new Promise((resolve) => setTimeout(resolve, 500));
  const caught = () =>
    Number.parseInt(/^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.slice(-8) ?? '0', 16);
  await expect.poll(() => caught() & 1, { timeout: 20_000 }).toBe(1);
}

function watchdog(): ChildProcess {
  const child = spawn(process.execPath, [at('../../bin/watchdog.mjs')], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  left.push(child.pid ?? 0);
  return child;
}

describe('the watchdog', () => {
  it('ends a real Redis and a server that ignores signals when their parent is killed with -9', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-guard-'));
    folders.push(folder);
    const parent = spawn(process.execPath, [at('fixtures/parent.mjs'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    left.push(parent.pid ?? 0);
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pids: { redis: number; stubborn: number } = JSON.parse(line);
    left.push(pids.redis, pids.stubborn);
    expect(startOf(pids.redis)).toBeDefined();
    expect(startOf(pids.stubborn)).toBeDefined();
    parent.kill('SIGKILL');
    expect(await gone(pids.redis, 20_000)).toBe(true);
    expect(await gone(pids.stubborn, 20_000)).toBe(true);
  }, 90_000);

  it('survives what is sent to the group, ends only what it watches, and goes', async () => {
    const [watched, released, stranger] = [sleeper(), sleeper(), sleeper()];
    const dog = watchdog();
    dog.stdin?.write(`watch ${watched} SIGTERM\nwatch ${released} SIGTERM\nrelease ${released}\nwatch 1 SIGTERM\nnonsense\n`);
    await untilHandlesSignals(dog.pid ?? 0);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) dog.kill(signal);
    expect(startOf(watched)).toBeDefined();
    dog.stdin?.end();
    expect(await gone(watched, 10_000)).toBe(true);
    expect(await gone(dog.pid ?? 0, 10_000)).toBe(true);
    expect(startOf(released)).toBeDefined();
    expect(startOf(stranger)).toBeDefined();
  });
});

describe('the identity of a process', () => {
  it('differs between two processes and is nothing for one that is gone', async () => {
    expect(startOf(process.pid)).toMatch(/\S/);
    expect(startOf(process.pid)).toBe(startOf(process.pid));
    expect(startOf(sleeper())).not.toBe(startOf(process.pid));
    const short = spawn('true');
    await once(short, 'exit');
    expect(startOf(short.pid ?? 0)).toBeUndefined();
    for (const odd of [0, 1, -1, 1.5, Number.NaN]) expect(startOf(odd)).toBeUndefined();
  });
});
