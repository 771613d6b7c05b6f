/**
 * How far each file was shipped: a small file in the data folder for each log file, service and server. A grown file goes
 * on behind its last whole line; one that was replaced (its first bytes differ, or it is shorter) begins anew.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileStart, type Place } from '../readers/lines.js';
import { chunksOf } from '../readers/log-file.js';

/** Bytes from the start of a file that tell it from another one. */
const HEAD_BYTES = 64 * 1024;

const stateSchema = z.object({
  path: z.string(),
  service: z.string(),
  url: z.string(),
  place: z.object({ bytes: z.int().min(0), lines: z.int().min(0) }),
  head: z.object({ bytes: z.int().min(0), hash: z.string() }),
  /** Tells runs with shifted times apart: their logs are new ones each time. Kept until the file is finished. */
  run: z.string(),
  finished: z.boolean(),
});
type State = z.infer<typeof stateSchema>;

/** The log file's own text names it to nobody else: the state's name is a hash. */
export class ShipState {
  private constructor(
    private readonly statePath: string,
    readonly path: string,
    private state: State,
  ) {}

  /** @param again forget what was shipped before */
  static async open(dataDir: string, path: string, target: { service: string; url: string }, again: boolean): Promise<ShipState> {
    const folder = join(dataDir, 'ship');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const real = await realpath(path);
    const name = createHash('sha256')
      .update(JSON.stringify([real, target.service, target.url]))
      .digest('hex')
      .slice(0, 32);
    const statePath = join(folder, `${name}.json`);
    const before = again ? undefined : await readState(statePath);
    const run = before && !before.finished ? before.run : randomBytes(6).toString('hex');
    const fits = before !== undefined && (await hashOfHead(path, before.head.bytes)) === before.head.hash;
    const fresh = { path: real, service: target.service, url: target.url, place: fileStart, head: { bytes: 0, hash: '' } };
    return new ShipState(statePath, path, { ...(fits ? before : fresh), run, finished: false });
  }

  get place(): Place {
    return this.state.place;
  }

  get run(): string {
    return this.state.run;
  }

  /** Notes that all lines up to the place have been taken by the server. */
  async pass(place: Place): Promise<void> {
    const headBytes = Math.min(place.bytes, HEAD_BYTES);
    const head =
      headBytes === this.state.head.bytes
        ? this.state.head
        : { bytes: headBytes, hash: (await hashOfHead(this.path, headBytes)) ?? '' };
    await this.#write({ ...this.state, place, head });
  }

  async finish(): Promise<void> {
    await this.#write({ ...this.state, finished: true });
  }

  async #write(state: State): Promise<void> {
    this.state = state;
    await writeFile(`${this.statePath}.new`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${this.statePath}.new`, this.statePath);
  }
}

async function readState(path: string): Promise<State | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** SHA-256 of the first bytes (of a gzipped file: unpacked), or undefined where the file has fewer. */
async function hashOfHead(path: string, bytes: number): Promise<string | undefined> {
  const hash = createHash('sha256');
  let left = bytes;
  for await (const chunk of chunksOf(path)) {
    if (left <= 0) break;
    hash.update(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
  }
  return left > 0 ? undefined : hash.digest('hex');
}
