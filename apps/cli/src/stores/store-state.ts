/**
 * What a private server keeps between runs beside its data: port, password, and which process served it last. The port
 * stays the same from run to run where it is free; the file is readable by its owner alone.
 */
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startOf } from '../../bin/processes.mjs';

export interface StoreState {
  port: number;
  password: string;
  /** The process that served last and its start time. */
  process?: { pid: number; started: string };
}

/** The state of the store in `dir`, a new one with a fresh password where there is none. */
export async function readState(dir: string): Promise<StoreState & { fresh: boolean }> {
  await mkdir(dir, { recursive: true });
  try {
    const state: StoreState = JSON.parse(await readFile(join(dir, 'state.json'), 'utf8'));
    if (typeof state.password === 'string' && typeof state.port === 'number') return { ...state, fresh: false };
  } catch {
    // Absent, or cut short by a full disk: the password is set anew, the data stays.
  }
  return { port: 0, password: randomBytes(24).toString('base64url'), fresh: true };
}

/** Written beside and renamed, so that a crash leaves the old or the new state, never half of one. */
export function writeState(dir: string, { port, password, process: owner }: StoreState): void {
  const path = join(dir, 'state.json');
  writeFileSync(`${path}.new`, JSON.stringify({ port, password, process: owner }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Notes who serves the store from now on: a later run ends it first should it be left over, even one that never got ready. */
export function noteProcess(dir: string, state: StoreState, port: number, pid: number): void {
  const started = startOf(pid);
  writeState(dir, { ...state, port, ...(started !== undefined && { process: { pid, started } }) });
}

/** `wanted` if it is free on loopback, otherwise a port that the system gives. */
export async function freePort(wanted: number): Promise<number> {
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
      });
    });
  return wanted === 0 ? listen(0) : listen(wanted).catch(() => listen(0));
}
