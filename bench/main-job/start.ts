/** Bars of the first minutes: a fresh clone until "ready", a second start, and the whole of `npm test`. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../test/setup/product.js';
import { type Figure, figure } from '../report.js';

async function secondsUntilReady(clone: string, data: string, port: number): Promise<number> {
  const started = Date.now();
  const child = spawn('npm', ['start', '--silent', '--', '--data', data, '--port', String(port)], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let output = '';
  const seconds = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (/sign-in#/.test(output)) resolve((Date.now() - started) / 1000);
    });
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
  });
  await stop(child);
  return seconds;
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  // The process group, as a terminal's Ctrl-C does.
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await gone;
}

export async function measureStart(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-clone-'));
  const clone = join(folder, 'clone');
  try {
    spawnSync('git', ['clone', '-q', '.', clone], { stdio: 'inherit' });
    const port = await freePorts();
    const data = join(folder, 'data');
    const first = await secondsUntilReady(clone, data, port);
    const second = await secondsUntilReady(clone, data, port);
    return [figure('fresh clone until ready', first, 's', 180), figure('second start until ready', second, 's', 15)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function measureSuite(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-suite-'));
  const clone = join(folder, 'clone');
  try {
    spawnSync('git', ['clone', '-q', '.', clone], { stdio: 'inherit' });
    const started = Date.now();
    const { status } = spawnSync('bash', ['.ci/run'], { cwd: clone, stdio: 'inherit' });
    if (status !== 0) throw new Error('npm test failed; its time says nothing');
    return [figure('npm test on a fresh clone', (Date.now() - started) / 60_000, 'min', 8)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
