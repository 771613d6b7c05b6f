import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOf } from '../../bin/processes.mjs';
import { lockFolder, openDataFolder, readRun, writeRun } from './data-folder.js';
import { LogFile } from './log-file.js';
import { readSecrets, writeSecrets } from './secrets.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the lock of a data folder', () => {
  it('lets one in, tells the second where the first is, and opens again', async () => {
    const unlock = await lockFolder(folder);
    const untell = await writeRun(folder, {
      urls: { admin: 'http://localhost:7070', ingest: 'http://localhost:7071' },
      databaseUrl: '',
      redisUrl: '',
    });
    await expect(lockFolder(folder)).rejects.toThrow(
      new RegExp(`already runs on ${folder} \\(process ${process.pid}, http://localhost:7070\\): .*--port`),
    );
    await untell();
    await unlock();
    await (await lockFolder(folder))();
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('takes over from a process that is gone, from one whose number was reused, and from half a file', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    const reused = { pid: process.pid, started: '1' };
    for (const text of [JSON.stringify({ pid: child.pid, started: '123' }), JSON.stringify(reused), '{"pid":']) {
      await mkdir(join(folder, 'lock'), { recursive: true });
      await writeFile(join(folder, 'lock', '7'), text);
      const unlock = await lockFolder(folder);
      const holder = JSON.parse(await readFile(join(folder, 'lock', '8'), 'utf8'));
      expect(holder).toEqual({ pid: process.pid, started: startOf(process.pid) });
      await unlock();
      await rm(join(folder, 'lock'), { recursive: true });
    }
  });

  it('lets exactly one of many in that come at once upon a stale lock', async () => {
    await mkdir(join(folder, 'lock'));
    await writeFile(join(folder, 'lock', '1'), JSON.stringify({ pid: 999_999_999, started: '1' }));
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
      const entered = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(entered).toHaveLength(1);
      await entered[0]?.();
    }
    // No drafts, and not a file for every round.
    expect(await readdir(join(folder, 'lock'))).toEqual(['10', '11']);
  });
});

describe('the data folder', () => {
  it('is made where it is missing, with room for logs', async () => {
    const made = await openDataFolder(join(folder, 'a', 'b'));
    expect(await readdir(made)).toEqual(['logs']);
  });

  it('without a name is not the current folder', async () => {
    await expect(openDataFolder(' ')).rejects.toThrow('--data names no folder');
  });

  it('that is a file, or below one, is one sentence', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openDataFolder(join(folder, 'file'))).rejects.toThrow(/cannot be written .*--data/);
  });

  it.skipIf(process.getuid?.() === 0)('that is read-only is one sentence', async () => {
    await chmod(folder, 0o500);
    await expect(openDataFolder(folder)).rejects.toThrow(/cannot be written .*--data/);
  });

  it('knows a run that lives, and no other', async () => {
    expect(await readRun(folder)).toBeUndefined();
    const untell = await writeRun(folder, { urls: { admin: 'a', ingest: 'i', demo: 'd' }, databaseUrl: 'x', redisUrl: 'y' });
    expect(await readRun(folder)).toMatchObject({ pid: process.pid, urls: { demo: 'd' }, databaseUrl: 'x' });
    expect((await stat(join(folder, 'run.json'))).mode & 0o777).toBe(0o600);
    const run = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'));
    await writeFile(join(folder, 'run.json'), JSON.stringify({ ...run, started: '1' }));
    expect(await readRun(folder)).toBeUndefined();
    await untell();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('secrets', () => {
  it('are made once, kept for their owner alone, and never made anew over a damaged file', async () => {
    const first = await readSecrets(folder);
    await writeSecrets(folder, { ...first, demoKey: 'plim_x' });
    expect(await readSecrets(folder)).toEqual({ ...first, demoKey: 'plim_x' });
    for (const secret of [first.masterKey, first.feedKey]) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
    // A folder of before the feed was signed gets the feed's key and keeps the rest.
    await writeFile(join(folder, 'secrets.json'), JSON.stringify({ masterKey: first.masterKey }));
    const mended = await readSecrets(folder);
    expect([mended.masterKey, await readSecrets(folder)]).toEqual([first.masterKey, mended]);
    expect(mended.feedKey).not.toBe(first.feedKey);
    await writeFile(join(folder, 'secrets.json'), '{"masterKey":"short"}');
    await expect(readSecrets(folder)).rejects.toThrow(/damaged: restore it/);
  });
});

describe('a log file', () => {
  it('keeps to its size with one older file, over restarts too', async () => {
    const path = join(folder, 'worker.log');
    for (let run = 0; run < 2; run += 1) {
      const log = new LogFile(path, 1_000);
      for (let line = 0; line < 100; line += 1) log.write(`run ${run} line ${line}`);
      await log.close();
    }
    expect((await readdir(folder)).sort()).toEqual(['worker.log', 'worker.log.1']);
    for (const name of ['worker.log', 'worker.log.1']) expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(1_000);
    expect(await readFile(path, 'utf8')).toMatch(/run 1 line 99\n$/);
  });
});
