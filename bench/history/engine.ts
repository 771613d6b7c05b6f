/** A private ClickHouse of the benchmark's own, as `plimsoll up` starts it, in a folder that goes with it; and what processes have used of the processor. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type History, historyStanding, keepFor, migrateHistory, openHistory } from '@plimsoll/storage';
import { engines } from '../../test/setup/engines.js';
import { sleep } from '../main-job/clock.js';

export interface Engine {
  url: string;
  history: History;
  pid: number;
  stop(): Promise<void>;
}

interface Started {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

export async function startEngine(): Promise<Engine> {
  const dir = await mkdtemp(join(tmpdir(), 'plimsoll-bench-history-'));
  const { startHistory } = (await import(resolve('apps/cli/dist/stores/history.js'))) as {
    startHistory(options: object): Promise<Started>;
  };
  const server = await startHistory({ dir, engines });
  const history = openHistory(server.url, { timeoutMs: 1_200_000 });
  for (;;) {
    const { state, reason } = await historyStanding(history);
    if (state === 'on') break;
    if (state === 'off') throw new Error(`no engine: ${reason}`);
    await sleep(500);
  }
  await migrateHistory(history);
  await keepFor(history, { days: 3_650, ofServices: new Map() });
  const stop = async () => {
    await history.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { url: server.url, history, pid: server.pid, stop };
}

const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

interface Used {
  parent: number;
  seconds: number;
  args: string;
}

function processes(): Map<number, Used> {
  const all = new Map<number, Used>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
        .map(Number);
      const [, parent = 0] = fields;
      // Fields 14 to 17 of proc(5): its own time, and that of children that it has waited for.
      const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      all.set(Number(pid), { parent, seconds: ticks / TICKS, args });
    } catch {
      // It has ended meanwhile.
    }
  }
  return all;
}

/** Seconds of the processor that a process has used. */
export const secondsOf = (pid: number): number => processes().get(pid)?.seconds ?? 0;

/** Seconds of the processor that a process and everything below it have used. */
export function secondsBelow(pid: number): number {
  const all = processes();
  const sum = (parent: number): number =>
    [...all].reduce((total, [id, used]) => (used.parent === parent ? total + used.seconds + sum(id) : total), 0);
  return (all.get(pid)?.seconds ?? 0) + sum(pid);
}

/** Process below `pid` whose command line matches. */
export function findBelow(pid: number, pattern: RegExp): number {
  const found = [...processes()].find(([, used]) => used.parent === pid && pattern.test(used.args));
  if (!found) throw new Error(`no process like ${pattern}`);
  return found[0];
}

/** Resident memory, MiB. */
export function memoryOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
