/**
 * The tables of the history, as steps that are each done once, in order, and that may be begun again when they broke off.
 * ClickHouse has no transaction over tables: every statement is harmless where it was done before.
 *
 * `request_log` lies in order of service, hour, actor and time. Within an hour the logs of one actor stand together, which
 * answers "this actor's last day" by 24 short reads and packs everything that an actor repeats; hour by hour it is in order
 * of time, so that the newest page and a replay read no more than they show. It is parted by the day of receipt: an old file
 * that is shipped today stays as long as what happened today, and a batch always falls into one part.
 */
import type { History } from './history.js';

/** Inserts that a table remembers by their token: one that comes again within these is no second one (inserts.ts). */
const REMEMBERED = 10_000;
/** Days after their receipt for which logs are kept, unless told otherwise (retention.ts). */
export const DEFAULT_DAYS = 30;

const LOG = `
CREATE TABLE IF NOT EXISTS request_log (
  service LowCardinality(String),
  ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  received Date CODEC(ZSTD(1)),
  actor String CODEC(ZSTD(1)),
  method LowCardinality(String),
  route LowCardinality(String),
  path String CODEC(ZSTD(1)),
  endpoint LowCardinality(String),
  status UInt16 CODEC(T64, ZSTD(1)),
  duration_us UInt64 CODEC(T64, ZSTD(1)),
  bytes_in UInt64 CODEC(T64, ZSTD(1)),
  bytes_out UInt64 CODEC(T64, ZSTD(1)),
  ip String CODEC(ZSTD(1)),
  user_agent String CODEC(ZSTD(1)),
  authenticated Bool,
  auth Enum8('' = 0, 'success' = 1, 'failure' = 2),
  credential String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  verdict Enum8('allow' = 0, 'throttle' = 1, 'challenge' = 2, 'block' = 3),
  timing Enum8('live' = 0, 'late' = 1, 'historical' = 2),
  id_stem String CODEC(ZSTD(1)),
  id_number UInt32 CODEC(T64, ZSTD(1)),
  INDEX times ts TYPE minmax GRANULARITY 1,
  INDEX actors actor TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX addresses ip TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX credentials credential TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX endpoints endpoint TYPE set(256) GRANULARITY 1,
  INDEX statuses status TYPE set(64) GRANULARITY 1,
  INDEX verdicts verdict TYPE set(4) GRANULARITY 1,
  INDEX paths lowerUTF8(path) TYPE ngrambf_v1(4, 4096, 2, 0) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY received
ORDER BY (service, toStartOfHour(ts), actor, ts, id_stem, id_number)
TTL received + toIntervalDay(${DEFAULT_DAYS})
SETTINGS non_replicated_deduplication_window = ${REMEMBERED}, ttl_only_drop_parts = 1,
  min_compress_block_size = 262144, max_compress_block_size = 1048576`;

const rollUp = (unit: 'minute' | 'hour') => `
CREATE TABLE IF NOT EXISTS request_${unit} (
  service LowCardinality(String),
  at DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  endpoint LowCardinality(String),
  status_class UInt8,
  verdict Enum8('allow' = 0, 'throttle' = 1, 'challenge' = 2, 'block' = 3),
  received Date CODEC(ZSTD(1)),
  requests UInt64 CODEC(T64, ZSTD(1)),
  duration_us UInt64 CODEC(T64, ZSTD(1)),
  bytes_out UInt64 CODEC(T64, ZSTD(1))
) ENGINE = SummingMergeTree((requests, duration_us, bytes_out))
PARTITION BY toStartOfMonth(received)
ORDER BY (service, at, endpoint, status_class, verdict, received)
TTL received + toIntervalDay(${DEFAULT_DAYS})
SETTINGS non_replicated_deduplication_window = ${REMEMBERED}`;

const feeder = (unit: 'minute' | 'hour', start: string) => `
CREATE MATERIALIZED VIEW IF NOT EXISTS request_${unit}_of_log TO request_${unit} AS
SELECT service, toDateTime(${start}(ts), 'UTC') AS at, endpoint, toUInt8(intDiv(status, 100)) AS status_class, verdict, received,
  count() AS requests, sum(duration_us) AS duration_us, sum(bytes_out) AS bytes_out
FROM request_log
GROUP BY service, at, endpoint, status_class, verdict, received`;

/** Only ever added to: a step that was released is never changed. */
const STEPS: readonly (readonly string[])[] = [
  [LOG, rollUp('minute'), rollUp('hour'), feeder('minute', 'toStartOfMinute'), feeder('hour', 'toStartOfHour')],
];

const VERSIONS = `
CREATE TABLE IF NOT EXISTS history_version (version UInt32, at DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY version`;

/**
 * Brings the tables up to date. Processes may do so at once: each statement has no effect the second time.
 *
 * @returns how many steps were done.
 */
export async function migrateHistory({ client }: History): Promise<number> {
  await client.command({ query: VERSIONS });
  const answer = await client.query({ query: 'SELECT max(version) AS version FROM history_version', format: 'JSONEachRow' });
  const [row] = await answer.json<{ version: number }>();
  const missing = STEPS.slice(row?.version ?? 0);
  for (const [index, step] of missing.entries()) {
    for (const query of step) await client.command({ query });
    const version = (row?.version ?? 0) + index + 1;
    await client.insert({ table: 'history_version', values: [{ version }], format: 'JSONEachRow' });
  }
  return missing.length;
}
