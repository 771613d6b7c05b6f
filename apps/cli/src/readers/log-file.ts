/**
 * A log file as a stream of request logs: opens it (plain, gzipped, or standard input as `-`), splits it into lines,
 * reads each in its format, and counts what cannot be read. The format is guessed from the first line where none is given.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { CheckedLog } from '@plimsoll/contracts';
import { type FormatChoice, formats, guessFormat } from './formats.js';
import { fileStart, type Line, linesOf, type Place } from './lines.js';
import type { Tally } from './tally.js';

export interface FileLog {
  log: CheckedLog;
  /** The service that the line names. */
  service: string | undefined;
  /** Index among the files of the run. */
  file: number;
  line: Line;
  /** More than a minute behind what was read before it. */
  late: boolean;
}

export interface LogFile {
  path: string;
  index: number;
  format: FormatChoice;
}

/** Bytes of the file from a place; gzip is unpacked, its places count unpacked bytes. `onBytes` hears of bytes as stored. */
export async function* chunksOf(path: string, from = 0, onBytes?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  if (path === '-') {
    yield* counted(process.stdin, onBytes);
  } else if (await isGzip(path)) {
    const stored = counted(createReadStream(path), onBytes);
    let skip = from;
    for await (const chunk of unpacked(stored)) {
      const part = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - part.length;
      if (part.length > 0) yield part;
    }
  } else {
    onBytes?.(from);
    yield* counted(createReadStream(path, { start: from, highWaterMark: 256 * 1024 }), onBytes);
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // A fault of either side destroys gunzip, and is met by whoever reads it.
  pipeline(chunks, gunzip).catch(() => {});
  yield* gunzip;
}

export async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

export interface ReadingOptions {
  tally: Tally;
  /** Where to go on in a file that was read before. */
  from?: Place;
  /** Hears of bytes as they are stored, for progress. */
  onBytes?: (bytes: number) => void;
  /** Hears of every line, read or not, before its log is given. */
  onLine?: (line: Line) => void;
}

/** Every request log of a file, in the file's order. Empty lines are passed over, others that cannot be read are tallied. */
export async function* logsOf(file: LogFile, options: ReadingOptions): AsyncGenerator<FileLog> {
  const { tally, from = fileStart } = options;
  let reader = typeof file.format === 'string' ? formats[file.format] : file.format;
  for await (const line of linesOf(chunksOf(file.path, from.bytes, options.onBytes), from)) {
    options.onLine?.(line);
    const text = line.number === 1 ? line.text.replace(/^\uFEFF/, '') : line.text;
    if (text.trim() === '' && !line.tooLong) continue;
    tally.lines += 1;
    reader ??= formats[guessFormat(text)];
    const reading = line.tooLong ? { reason: 'longer than 1 MiB' } : reader(text);
    if ('reason' in reading) {
      tally.countUnparsed(file.path, line, reading.reason);
      continue;
    }
    tally.logs += 1;
    if (reading.unknown) tally.countUnknown(reading.unknown);
    yield { log: reading.log, service: reading.service, file: file.index, line, late: false };
  }
}

/** The log's own id, else one from its line's number and text: the same in a copied, renamed or grown file. */
export function contentId({ log, line }: FileLog): string {
  if (log.id !== undefined) return log.id;
  const text = line.text.replace(/^\uFEFF/, '');
  return `f_${createHash('sha256').update(`${line.number}\n${text}`).digest('base64url').slice(0, 32)}`;
}
