/**
 * chDB, the ClickHouse engine as a library, through its native addon: one data folder, which this process owns, and for each
 * statement a connection of its own, so that the settings and parameters of one never meet another. Statements run in
 * threads of the engine; results come in pieces, and a reader that is slow holds only itself up.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What the addon exports, as far as it is used here. Handles are opaque. */
interface Addon {
  CreateConnection(path: string, args?: string[]): unknown;
  CloseConnection(connection: unknown): void;
  QueryAsyncConnection(connection: unknown, sql: string, format: string): Promise<{ bytes: Uint8Array }>;
  InsertRawAsyncConnection(connection: unknown, prefix: string, data: Buffer, countLines: boolean): Promise<unknown>;
  StreamQuery(connection: unknown, sql: string, format: string): unknown;
  StreamFetch(stream: unknown): Promise<{ done: true } | { done: false; bytes: Uint8Array }>;
  StreamCancel(stream: unknown): void;
}

export interface Statement {
  sql: string;
  /** `USE database; SET name = value, ...` before it; empty where there is nothing to set. */
  settings: string;
  /** Where the statement names none. */
  format: string;
  /** What an INSERT inserts. */
  data?: Buffer;
}

export interface Engine {
  /** Runs it; what it answers with comes in pieces. Leaving the loop early ends the statement. Throws `Code: N. DB::Exception: ...`. */
  run(statement: Statement): AsyncGenerator<Buffer>;
  /** Ends when nothing runs any more; the data folder is then free. */
  close(): void;
}

/** What the engine gives in pieces; its answers to all else are small. */
const READS = /^\s*(select|with)\b/i;

/** The engine's own caps; the rest of its defaults is for a machine of its own. */
const configuration = (memoryBytes: number) => `<clickhouse>
  <max_server_memory_usage>${memoryBytes}</max_server_memory_usage>
  <mark_cache_size>${Math.round(memoryBytes / 10)}</mark_cache_size>
  <background_pool_size>2</background_pool_size>
  <max_thread_pool_size>200</max_thread_pool_size>
</clickhouse>
`;

/**
 * @param library folder of the package that holds the addon
 * @param dir data folder; made where it is missing. A second process on it is refused by the engine.
 * @param memoryBytes cap of everything that the engine allocates
 */
export function openEngine(library: string, dir: string, memoryBytes: number): Engine {
  const addon = createRequire(import.meta.url)(library) as Addon;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, '..', 'engine.xml');
  writeFileSync(file, configuration(memoryBytes), { mode: 0o600 });
  // Without one that stays, the engine would close and open its data for each statement.
  const first = addon.CreateConnection(dir, [`--config-file=${file}`]);
  return { run: (statement) => run(addon, dir, statement), close: () => addon.CloseConnection(first) };
}

async function* run(addon: Addon, dir: string, { sql, settings, format, data }: Statement): AsyncGenerator<Buffer> {
  const connection = addon.CreateConnection(dir);
  try {
    if (settings !== '') await addon.QueryAsyncConnection(connection, settings, 'Null');
    if (data !== undefined) await addon.InsertRawAsyncConnection(connection, sql, data, false);
    else if (READS.test(sql)) yield* read(addon, connection, sql, format);
    else yield Buffer.from((await addon.QueryAsyncConnection(connection, sql, format)).bytes);
  } finally {
    addon.CloseConnection(connection);
  }
}

async function* read(addon: Addon, connection: unknown, sql: string, format: string): AsyncGenerator<Buffer> {
  const stream = addon.StreamQuery(connection, sql, format);
  try {
    for (;;) {
      const piece = await addon.StreamFetch(stream);
      if (piece.done) return;
      if (piece.bytes.length > 0) yield Buffer.from(piece.bytes);
    }
  } finally {
    addon.StreamCancel(stream);
  }
}
