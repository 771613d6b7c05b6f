/**
 * Writing, once: an insert has a token, and ClickHouse knows the last ten thousand of them. The same token again has no
 * effect, neither on the log nor on the roll-ups; where the first attempt broke off between them, the second one completes
 * it. For that an insert is one block, and a roll-up looks at the token too.
 */
import { Readable } from 'node:stream';
import type { History } from './history.js';
import { WRITTEN } from './rows.js';

/** More rows than a chunk ever has: it is never cut into two blocks. */
const ONE_BLOCK = '1000000';

/**
 * @param token the same for a repetition, and for nothing else
 * @param lines rows as {@link toLine} gives them; at most a million
 */
export async function insertLines({ client }: History, token: string, lines: readonly string[]): Promise<void> {
  const { stream } = await client.exec({
    query: `INSERT INTO request_log (${WRITTEN}) FORMAT JSONCompactEachRow`,
    values: Readable.from([lines.join('')], { objectMode: false }),
    clickhouse_settings: {
      insert_deduplicate: 1,
      insert_deduplication_token: token,
      deduplicate_blocks_in_dependent_materialized_views: 1,
      async_insert: 0,
      input_format_parallel_parsing: 0,
      // Merges make the skipping indexes: what no merge has met yet is a few megabytes, read as fast without.
      materialize_skip_indexes_on_insert: 0,
      max_insert_block_size: ONE_BLOCK,
      min_insert_block_size_rows: ONE_BLOCK,
      min_insert_block_size_bytes: '0',
      max_block_size: ONE_BLOCK,
      max_partitions_per_insert_block: '0',
    },
  });
  for await (const _ of stream) {
    // Nothing comes back; read to its end, the connection can be used again.
  }
}
