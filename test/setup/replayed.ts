/** The alerts of `plimsoll replay` over logs, as the command runs it: from a file, without any server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SETTINGS, type Settings } from '@plimsoll/contracts';
import { Tally } from '../../apps/cli/src/readers/tally.js';
import type { AlertLine } from '../../apps/cli/src/replay/alert-lines.js';
import { runReplay } from '../../apps/cli/src/replay/run.js';

export async function replayed(
  logs: readonly object[],
  service: string,
  settings: Settings = DEFAULT_SETTINGS,
): Promise<AlertLine[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-replayed-'));
  try {
    const path = join(folder, 'logs.ndjson');
    await writeFile(path, logs.map((log) => JSON.stringify(log)).join('\n'));
    const lines: AlertLine[] = [];
    const tally = new Tally();
    await runReplay([path], { service, settings, format: undefined, spread: false, tally, onLine: (line) => lines.push(line) });
    return lines;
  } finally {
    await rm(folder, { recursive: true });
  }
}
