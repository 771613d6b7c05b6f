/** The product as a newcomer starts it: `plimsoll up` as a child process on a data folder and ports of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { engines } from './engines.js';

export interface Product {
  /** The folder given as --data. */
  data: string;
  urls: { admin: string; ingest: string; demo: string };
  /** Everything printed so far. */
  output(): string;
  pid: number;
  /** Runs another `plimsoll` command against this product and gives its standard output. */
  run(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const bin = resolve('apps/cli/bin/plimsoll.mjs');

/** A port whose two successors are free as well, below those that Linux gives to connections that go out, and above the last that browsers refuse. */
export async function freePorts(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 11_000 + Math.floor(Math.random() * 21_000);
    const free = await Promise.all([first, first + 1, first + 2].map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error('no three free ports in a row');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function finished(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit ${code}: ${text}`);
  return text;
}

/**
 * Waits for all of them, also where one fails: whatever did start is in the hands of who ends it by then, and none is left running.
 * @throws the first fault
 */
export async function allStarted(...starts: Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(starts)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Below the patience of every test that starts one, so that it is this that ends a start which hangs. */
const READY_WITHIN_MS = 150_000;

/** @throws where it ends before it is ready, or is not ready in time; it is ended then. */
export async function startProduct(
  options: { args?: string[]; data?: string; port?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Product> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'plimsoll-product-')));
  const port = options.port ?? (await freePorts());
  const env = { ...process.env, PLIMSOLL_HISTORY_ENGINE: engines, ...options.env };
  const child = spawn(process.execPath, [bin, 'up', '--data', data, '--port', String(port), ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (/sign-in#/i.test(output)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the product ended with ${code} before it was ready:\n${output}`)));
  });
  const late = setTimeout(() => child.kill('SIGTERM'), READY_WITHIN_MS);
  await ready.finally(() => clearTimeout(late));
  const run = JSON.parse(await readFile(join(data, 'run.json'), 'utf8'));
  return {
    data,
    urls: run.urls,
    pid: child.pid ?? 0,
    output: () => output,
    run: (...args) =>
      finished(spawn(process.execPath, [bin, ...args, '--data', data], { stdio: ['ignore', 'pipe', 'pipe'], env })),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      if (!options.data) await rm(data, { recursive: true, force: true });
    },
  };
}
