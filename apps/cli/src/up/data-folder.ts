/**
 * The data folder: checked before anything starts (writable, room on the disk), held by one `up` at a time, and the place
 * of run.json, by which other commands find the running product. Each fault is one sentence.
 */
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOf } from '../../bin/processes.mjs';
import { Fault, textOf } from '../fault.js';
import { takeLock } from './folder-lock.js';

/** `.plimsoll` in the checkout. */
export const defaultData = fileURLToPath(new URL('../../../../.plimsoll', import.meta.url));
/** PostgreSQL's first cluster takes 45 MB; the rest is room for logs and for a day of traffic. */
const NEEDED_MB = 300;

/** What a running product tells other commands. Holds passwords: readable by its owner alone. */
export interface Run {
  pid: number;
  /** Start time of the process: with the number it names this one for good. */
  started: string;
  /** `demo` is absent with --no-demo. */
  urls: { admin: string; ingest: string; demo?: string };
  databaseUrl: string;
  redisUrl: string;
  /** Of the history, for who only reads; absent where none is kept. */
  historyUrl?: string;
}

/** Absolute path of the folder, made where it was missing. */
export async function openDataFolder(given: string): Promise<string> {
  // An empty name, an unset variable in a shell mostly, would mean the current folder and leave secrets in it.
  if (given.trim() === '') throw new Fault('--data names no folder: give one, or leave the option out.');
  const folder = resolve(given);
  try {
    await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o700 });
    const probe = join(folder, `probe-${process.pid}`);
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (error) {
    throw new Fault(
      `The data folder ${folder} cannot be written (${textOf(error)}): make it writable, or name another one with --data.`,
    );
  }
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 1_000_000);
  if (freeMb >= NEEDED_MB) return folder;
  throw new Fault(
    `Only ${freeMb} MB are free where ${folder} lies and ${NEEDED_MB} MB are needed: free some, or name another folder with --data.`,
  );
}

/** Takes the folder for this process; the function returned lets go of it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lock = await takeLock(folder);
  if ('release' in lock) return lock.release;
  const run = await readRun(folder);
  throw new Fault(
    `Plimsoll already runs on ${folder} (process ${lock.heldBy}${run ? `, ${run.urls.admin}` : ''}): ` +
      'use that one, stop it first, or start another with --data DIR and --port N.',
  );
}

/** What the product running on `folder` says of itself, or undefined when none runs. */
export async function readRun(folder: string): Promise<Run | undefined> {
  try {
    const run: Run = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'));
    return run.started !== undefined && startOf(run.pid) === run.started ? run : undefined;
  } catch {
    return undefined;
  }
}

/** Tells other commands where the product is, for as long as this process runs; the function returned takes it back. */
export async function writeRun(folder: string, told: Omit<Run, 'pid' | 'started'>): Promise<() => Promise<void>> {
  const path = join(folder, 'run.json');
  const run: Run = { pid: process.pid, started: startOf(process.pid) ?? '', ...told };
  await writeFile(`${path}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return () => rm(path, { force: true });
}
