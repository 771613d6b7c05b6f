/**
 * Batches as bytes: by columns, or log by log for a server that does not read those; by gzip where that is worth it. One gzip state is kept and used again and again: to make one
 * for each batch costs the host a quarter of a megabyte of fresh memory each time, and as much work as the packing itself.
 */
import { constants, createGzip, type Gzip, type ZlibReset } from 'node:zlib';
import type { ColumnBatch } from '@plimsoll/contracts';
import type { LogColumns } from './columns.js';

export interface Packed {
  headers: Record<string, string>;
  body: Buffer;
  /** What is signed, however it is sent. */
  plain: Buffer;
  byColumns: boolean;
}

/** As in the contracts. */
const COLUMNS_TYPE = 'application/vnd.plimsoll.columns+json';

/** Below this a batch is sent plain: what is saved is less than a thread of the pool costs. */
const LEAST_BYTES = 2_048;
/** What shrinks more could be refused as a gzip bomb. */
const MOST_SHRINKING = 50;
/** A batch's usual size when packed. */
const CHUNK_BYTES = 32 * 1024;

export class Packer {
  #gzip: Gzip | undefined;
  #chunks: Buffer[] = [];

  /** One at a time; by columns unless it shall be `byRow`. Rejects where the logs cannot be written as JSON. */
  async pack(logs: LogColumns, byRow = false): Promise<Packed> {
    const batch: ColumnBatch | undefined = byRow ? undefined : logs.batch();
    const headers = { 'content-type': batch ? COLUMNS_TYPE : 'application/json' };
    const plain = Buffer.from(JSON.stringify(batch ?? { requests: logs.rows() }));
    const byColumns = batch !== undefined;
    if (plain.length < LEAST_BYTES) return { headers, body: plain, plain, byColumns };
    const packed = await this.#zip(plain);
    if (packed === undefined || packed.length * MOST_SHRINKING < plain.length) return { headers, body: plain, plain, byColumns };
    return { headers: { ...headers, 'content-encoding': 'gzip' }, body: packed, plain, byColumns };
  }

  /** Undefined where it failed; then the next batch begins with a fresh state. */
  async #zip(plain: Buffer): Promise<Buffer | undefined> {
    const gzip = this.#gzip ?? this.#fresh();
    const done = await new Promise<boolean>((resolve) => {
      gzip.once('error', () => resolve(false));
      gzip.write(plain);
      gzip.flush(constants.Z_FINISH, () => setImmediate(() => resolve(true))); // By then its last piece was handed over.
    });
    const packed = Buffer.concat(this.#chunks);
    this.#chunks = [];
    gzip.removeAllListeners('error').on('error', () => undefined);
    // A member of gzip ends with the length of what is in it (RFC 1952, ISIZE).
    if (done && packed.length > 18 && packed.readUInt32LE(packed.length - 4) === plain.length) {
      (gzip as Gzip & ZlibReset).reset(); // Its types know this of deflate alone.
      return packed;
    }
    gzip.destroy();
    this.#gzip = undefined;
    return undefined;
  }

  #fresh(): Gzip {
    this.#chunks = [];
    this.#gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES });
    this.#gzip.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    return this.#gzip;
  }
}
