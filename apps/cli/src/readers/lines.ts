/**
 * Lines of a stream of bytes, with their numbers and places. A line longer than the cap is read over and reported as
 * too long, so that a file without line ends costs no memory.
 */
export interface Line {
  /** Text without its line end; empty where the line was too long. */
  text: string;
  tooLong: boolean;
  /** Counts from 1. */
  number: number;
  /** Place of the byte behind its line end, from the start of the stream. */
  end: number;
  /** False for a last line without a line end, which its writer may still be at. */
  complete: boolean;
}

const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 0x0a;

/** Where to go on in a file that was read before. */
export interface Place {
  bytes: number;
  lines: number;
}
export const fileStart: Place = { bytes: 0, lines: 0 };

export async function* linesOf(chunks: AsyncIterable<Uint8Array>, from: Place = fileStart): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = from.lines;
  let end = from.bytes;
  const line = (complete: boolean): Line => {
    const tooLong = restBytes > LONGEST_LINE;
    const text = tooLong ? '' : Buffer.concat(rest).toString('utf8').replace(/\r$/, '');
    rest = [];
    restBytes = 0;
    number += 1;
    return { text, tooLong, number, end, complete };
  };
  const keep = (bytes: Buffer): void => {
    restBytes += bytes.length;
    if (restBytes <= LONGEST_LINE) rest.push(bytes);
    else rest = [];
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
      keep(bytes.subarray(start, at));
      end += at + 1 - start;
      start = at + 1;
      yield line(true);
    }
    keep(bytes.subarray(start));
    end += bytes.length - start;
  }
  if (restBytes > 0) yield line(false);
}
