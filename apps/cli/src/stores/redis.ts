/**
 * The private Redis: append-only file on, never evicting (BullMQ's jobs are not a cache), a memory cap of its own,
 * loopback only, with a random password that is never on a command line. It hides finding the binary, the port, the
 * configuration and a leftover of an earlier run.
 */
import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { endLeftover, type Launched, launch } from '../processes/launch.js';
import { findRedis } from './find-redis.js';
import { freePort, noteProcess, readState } from './store-state.js';

export interface StoreOptions {
  /** Folder of the store's own; made when missing. */
  dir: string;
  /** A port that must be taken as it is; else the last one, else a free one. */
  port?: number;
  onLog?: (line: string) => void;
  /** Told what takes a while, such as a download. */
  onProgress?: (sentence: string) => void;
}

export interface Store extends Launched {
  /** With the password in it: not for logs. */
  url: string;
  port: number;
}

const MIB = 1024 * 1024;
const ATTEMPTS = 3;

/** A quarter of the machine's (or container's) memory, 128 MiB to 1 GiB. */
function memoryCap(): number {
  const machine = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
  return Math.round(Math.min(1024 * MIB, Math.max(128 * MIB, machine / 4)));
}

/** Redis quotes in its configuration as C does; only a line break or a quote could end the value early. */
const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;

function configuration(dir: string, port: number, password: string): string {
  const settings: Record<string, string> = {
    port: String(port),
    bind: '127.0.0.1',
    'protected-mode': 'yes',
    requirepass: quoted(password),
    dir: quoted(join(dir, 'data')),
    save: '""',
    appendonly: 'yes',
    appendfsync: 'everysec',
    maxmemory: String(memoryCap()),
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    logfile: '""',
  };
  return Object.entries(settings).reduce((text, [name, value]) => `${text}${name} ${value}\n`, '');
}

/** Starts Redis on the data in `dir`. Throws a Fault when there is no redis-server to be had. */
export async function startRedis({ dir, port, onLog = () => {}, onProgress = onLog }: StoreOptions): Promise<Store> {
  const state = await readState(dir);
  await mkdir(join(dir, 'data'), { recursive: true, mode: 0o700 });
  if (state.process) await endLeftover(state.process.pid, state.process.started, 'SIGTERM');
  const binary = await findRedis(join(dir, 'server'), onProgress);
  for (let attempt = 1; ; attempt += 1) {
    const chosen = port ?? (await freePort(attempt === 1 ? state.port : 0));
    try {
      const server = await launch({
        name: 'redis-server',
        command: binary.command,
        argv0: 'redis-server',
        args: ['-'],
        env: { ...process.env, ...binary.env },
        input: configuration(dir, chosen, state.password),
        ready: /ready to accept connections/i,
        stopSignal: 'SIGTERM',
        onLine: onLog,
        onSpawned: (pid) => noteProcess(dir, state, chosen, pid),
      });
      return { ...server, port: chosen, url: `redis://:${state.password}@127.0.0.1:${chosen}` };
    } catch (error) {
      // Somebody took the port between the look and the start.
      const taken = error instanceof Error && /address already in use/i.test(error.message);
      if (!taken || port !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}
