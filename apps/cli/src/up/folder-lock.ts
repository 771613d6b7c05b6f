/**
 * One `up` at a time on a data folder. Node has no kernel lock on files, and removing a dead process's lock file races with
 * whoever takes it next; so nothing is removed: DATA/lock holds numbered files, the highest counts, and to take over is to
 * link the next number, which the file system grants to one alone. A lock counts while its process lives.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from '../../bin/processes.mjs';

interface Holder {
  pid: number;
  started: string;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Numbers of the locks there, highest first. */
async function generations(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

async function livingHolder(path: string): Promise<Holder | undefined> {
  const holder = await readHolder(path);
  // A lock that was let go of names nobody.
  return holder?.started !== undefined && startOf(holder.pid) === holder.started ? holder : undefined;
}

/** `{release}` when this process has the folder now, `{heldBy}` (a process id) when another one has it. */
export async function takeLock(folder: string): Promise<{ release: () => Promise<void> } | { heldBy: number }> {
  const locks = join(folder, 'lock');
  await mkdir(locks, { recursive: true });
  const draft = join(locks, `draft-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    for (;;) {
      const [highest = 0] = await generations(locks);
      const holder = await livingHolder(join(locks, String(highest)));
      if (holder) return { heldBy: holder.pid };
      await writeFile(draft, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }), { mode: 0o600 });
      const mine = join(locks, String(highest + 1));
      try {
        await link(draft, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      await rm(draft);
      const all = await generations(locks);
      // The first list can have missed a number made while it was read: then this one is not the highest and gives way.
      if (all[0] !== highest + 1) await free(mine);
      else {
        for (const older of all.slice(2)) await rm(join(locks, String(older)), { force: true });
        return { release: () => free(mine) };
      }
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** The number stays, so that numbers never go back; it names nobody. */
async function free(path: string): Promise<void> {
  await writeFile(`${path}.free`, '{}');
  await rename(`${path}.free`, path);
}
