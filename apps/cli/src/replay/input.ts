/** The input of a replay: files (or standard input) read, spread where asked, put in order and merged. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, constants, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault, textOf } from '../fault.js';
import type { FormatChoice } from '../readers/formats.js';
import { type FileLog, type LogFile, logsOf } from '../readers/log-file.js';
import { inOrder, merged } from '../readers/order.js';
import { HourSpread, spreadLogs, survey } from '../readers/survey.js';
import type { Tally } from '../readers/tally.js';

export interface InputOptions {
  format: FormatChoice;
  spread: boolean;
  tally: Tally;
  onBytes?: (bytes: number) => void;
}

/** Refuses what cannot be read, by name, before anything is done. @returns bytes in all, 0 where unknown. */
export async function sizeOf(paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of paths) {
    if (path === '-') continue;
    try {
      await access(path, constants.R_OK);
      const found = await stat(path);
      if (found.isDirectory()) throw new Error('it is a folder');
      bytes += found.size;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new Fault(`${path} cannot be read: ${missing ? 'there is no such file' : textOf(error)}.`);
    }
  }
  return bytes;
}

/** Every log of the files, in time order. Standard input is kept in a temporary file where it must be read twice. */
export async function* inputOf(paths: readonly string[], options: InputOptions): AsyncGenerator<FileLog> {
  const spool = join(tmpdir(), `plimsoll-input-${randomUUID()}`);
  try {
    if (options.spread && paths.includes('-')) await pipeline(process.stdin, createWriteStream(spool, { mode: 0o600 }));
    const files = paths.map(
      (path, index): LogFile => ({
        path: path === '-' && options.spread ? spool : path,
        index,
        format: options.format,
      }),
    );
    yield* merged(await Promise.all(files.map((file) => orderedLogs(file, options))));
  } finally {
    await rm(spool, { force: true });
  }
}

async function orderedLogs(file: LogFile, { spread, tally, onBytes }: InputOptions): Promise<AsyncGenerator<FileLog>> {
  const logs = logsOf(file, { tally, ...(onBytes ? { onBytes } : {}) });
  return inOrder(spread ? spreadLogs(logs, new HourSpread(await survey(file))) : logs, tally);
}
