import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from './stage.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-stage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the stage', () => {
  it('strikes its parts one after another in the order given, and what other commands read first', async () => {
    const ends: string[] = [];
    const stage = new Stage(folder, false, () => {});
    for (const name of ['redis', 'ingest', 'demo']) {
      await stage.start(name, async () => {
        let end: (how: string) => void = () => {};
        const exited = new Promise<string>((resolve) => {
          end = resolve;
        });
        const stop = async () => {
          if (!ends.includes(name)) await new Promise((resolve) => setTimeout(resolve, 20));
          if (!ends.includes(name)) ends.push(name);
          end('SIGTERM');
        };
        return { pid: 1, exited, stop };
      });
    }
    stage.onStrike(async () => void ends.push('run.json'));
    await stage.strike([
      ['demo', 100],
      ['ingest', 100],
      ['worker', 100],
      ['redis', 100],
    ]);
    expect(ends).toEqual(['run.json', 'demo', 'ingest', 'redis']);
  });

  it('keeps what a part prints, and names the log when the part cannot start', async () => {
    const said: string[] = [];
    const stage = new Stage(folder, true, (text) => said.push(text));
    const failing = stage.start('worker', async (onLine) => {
      onLine('out of memory');
      throw new Error('worker did not start: exit code 1');
    });
    await expect(failing).rejects.toThrow(/^worker did not start: exit code 1\. See .*worker\.log, mend it, and start again\.$/);
    await stage.strike([]);
    expect(said).toEqual(['[worker] out of memory']);
    expect(await readFile(join(folder, 'worker.log'), 'utf8')).toBe('out of memory\n');
  });

  it('ends a part that comes up only while all is being stopped, and begins no further step', async () => {
    const stage = new Stage(folder, false, () => {});
    let cameUp: () => void = () => {};
    let ended = false;
    const late = stage.start('postgres', async () => {
      await new Promise<void>((resolve) => {
        cameUp = resolve;
      });
      let end: (how: string) => void = () => {};
      const exited = new Promise<string>((resolve) => {
        end = resolve;
      });
      const stop = async () => {
        ended = true;
        end('SIGINT');
      };
      return { pid: 1, exited, stop };
    });
    const refused = expect(late).rejects.toThrow('stopped');
    const struck = stage.strike([['postgres', 100]]);
    cameUp();
    await struck;
    await refused;
    expect(ended).toBe(true);
    await expect(stage.step('Tables', async () => 'done')).rejects.toThrow('stopped');
  });
});
