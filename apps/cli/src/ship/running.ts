/** What a running `plimsoll up` tells other commands of this machine: DATA/run.json, readable by its owner alone. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const runSchema = z.object({
  pid: z.int().positive(),
  urls: z.object({ admin: z.string(), ingest: z.string(), demo: z.string().optional() }),
  databaseUrl: z.string(),
  redisUrl: z.string(),
});
export type Run = z.infer<typeof runSchema>;

/** `.plimsoll` in the checkout. */
export const defaultDataDir = resolve(import.meta.dirname, '../../../../.plimsoll');

/** The running installation of a data folder; undefined where none runs there. */
export async function readRun(dataDir: string): Promise<Run | undefined> {
  const text = await readFile(join(dataDir, 'run.json'), 'utf8').catch(() => '');
  try {
    const run = runSchema.parse(JSON.parse(text));
    process.kill(run.pid, 0);
    return run;
  } catch {
    return undefined;
  }
}
