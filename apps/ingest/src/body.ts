/**
 * Reads a body without trusting its size: the bytes on the wire, the bytes unpacked and the ratio between them are all
 * bounded while they come, and all bodies together, with what is parsed from them, share one budget, so that neither a
 * bomb nor many slow senders can fill the memory. br, deflate and stacked encodings are refused: brotli unpacks 158 bytes to 100 MB.
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ProblemError } from './problem.js';

const MiB = 1024 * 1024;
export const MAX_PACKED_BYTES = 2 * MiB;
export const MAX_BYTES = 8 * MiB;
/** From 1 MiB unpacked on, a body may not have grown by more than this factor; request logs in JSON gain 10 to 30. */
export const MAX_RATIO = 100;
export const RATIO_FROM_BYTES = MiB;

const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

/** Bytes that all requests of this process may hold at one time. */
export class MemoryBudget {
  #heldBytes = 0;
  constructor(private readonly maxBytes = 256 * MiB) {}

  /** A share that grows with a request and is given back at once. */
  share(): MemoryShare {
    let held = 0;
    return {
      hold: (bytes) => {
        if (this.#heldBytes - held + bytes > this.maxBytes) {
          throw new ProblemError('overloaded', 'Too many bodies are being read', { retryAfterSeconds: 1 });
        }
        this.#heldBytes += bytes - held;
        held = bytes;
      },
      release: () => {
        this.#heldBytes -= held;
        held = 0;
      },
    };
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }
}
export interface MemoryShare {
  /** The request now holds `bytes` in all. @throws ProblemError `overloaded` where the budget is spent. */
  hold(bytes: number): void;
  release(): void;
}

/**
 * The unpacked body. A body that is refused halfway is read on and thrown away, so that the sender gets to see the
 * answer; the server's request timeout bounds that.
 *
 * @throws ProblemError `unsupported-media-type`, `too-large`, `bad-request` (damaged gzip) or `overloaded`.
 */
export async function readBody(raw: IncomingMessage, share: MemoryShare): Promise<Buffer> {
  const encoding = raw.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return receive(raw, MAX_BYTES, share);
  if (encoding !== 'gzip') {
    throw new ProblemError('unsupported-media-type', 'Content-Encoding may be gzip or absent');
  }
  const packed = await receive(raw, MAX_PACKED_BYTES, share);
  const maxOutputLength = Math.min(MAX_BYTES, Math.max(RATIO_FROM_BYTES, packed.length * MAX_RATIO));
  share.hold(packed.length + maxOutputLength);
  try {
    const body = await unpack(packed, { maxOutputLength });
    share.hold(body.length);
    return body;
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLarge)
      throw new ProblemError('too-large', `Unpacked, a body may have ${MAX_BYTES} bytes and ${MAX_RATIO} times its packed size`);
    throw new ProblemError('bad-request', 'The gzip data is damaged', { cause: error });
  }
}

function receive(raw: IncomingMessage, maxBytes: number, share: MemoryShare): Promise<Buffer> {
  const tooLarge = () => new ProblemError('too-large', `A body may have ${maxBytes} bytes on the wire: send smaller batches`);
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (error: Error) => {
      raw.off('data', take).resume();
      reject(error);
    };
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) return stop(tooLarge());
      try {
        share.hold(bytes);
      } catch (error) {
        return stop(error as ProblemError);
      }
      chunks.push(chunk);
    };
    raw.on('data', take);
    raw.once('end', () => resolve(Buffer.concat(chunks)));
    raw.once('close', () => reject(new ProblemError('bad-request', 'The body ended early')));
    raw.once('error', (cause) => reject(new ProblemError('bad-request', 'The body ended early', { cause })));
  });
}
