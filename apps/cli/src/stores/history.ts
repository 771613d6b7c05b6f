/**
 * The private history: our own server over chDB, started like the other stores. It hides the port, two passwords and a
 * leftover of an earlier run. It serves at once; its engine may come later, or never.
 */
import { createHmac } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SAYS } from '../history/serve.js';
import { endLeftover, launch } from '../processes/launch.js';
import type { Store, StoreOptions } from './redis.js';
import { freePort, noteProcess, readState } from './store-state.js';

export interface HistoryStore extends Store {
  /** For who only reads. With the password in it, as `url`: not for logs. */
  readerUrl: string;
}

/** Reads, writes, a statement that changes tables, and what closes: each takes one of Node's threads while it runs. */
const THREADS = '12';
const program = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));

/** @param engines where fetched engines are kept; in `dir` where it is not said */
export async function startHistory(options: StoreOptions & { engines?: string }): Promise<HistoryStore> {
  const { dir, port, engines = join(dir, 'engine'), onLog = () => {}, onProgress = onLog } = options;
  const state = await readState(dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (state.process) await endLeftover(state.process.pid, state.process.started, 'SIGTERM');
  const chosen = port ?? (await freePort(state.port));
  const writer = state.password;
  const reader = createHmac('sha256', writer).update('reader').digest('base64url');
  const server = await launch({
    name: 'history',
    command: process.execPath,
    args: [program, 'history-server'],
    // Days of receipt are those of UTC, and so are the engine's.
    env: { ...process.env, TZ: 'UTC', UV_THREADPOOL_SIZE: THREADS },
    input: JSON.stringify({ port: chosen, dir, engines, writer, reader }),
    ready: 'message',
    stopSignal: 'SIGTERM',
    onLine: (line) => {
      onLog(line);
      if (line.startsWith(SAYS)) onProgress(line.slice(SAYS.length));
    },
    onSpawned: (pid) => noteProcess(dir, state, chosen, pid),
  });
  const urlFor = (user: string, password: string) => `http://${user}:${password}@127.0.0.1:${chosen}`;
  return { ...server, port: chosen, url: urlFor('writer', writer), readerUrl: urlFor('reader', reader) };
}
