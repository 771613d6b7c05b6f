/**
 * The connection to ClickHouse, where every request log is kept: a cluster, or the private server of `plimsoll up`, which
 * speaks the same protocol. It hides the client's settings, the limits of each query, and what an error means.
 */
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';

/** An open connection; every function of this folder takes one. */
export interface History {
  client: ClickHouseClient;
  close(): Promise<void>;
}

export interface HistoryOptions {
  /** Connections at once; further queries wait for one. */
  max?: number;
  /** No query may take longer, milliseconds. */
  timeoutMs?: number;
}

const CONNECTIONS = 10;
const TIMEOUT_MS = 30_000;
/** Less than the server's own (3 s with old ClickHouse, 10 s with new): a socket that it has closed is never used. */
const IDLE_SOCKET_MS = 2_500;
/** Of one query: a search over everything must not take the memory of all others. */
const QUERY_MEMORY_BYTES = 1_000_000_000;

/** @param url `http[s]://user:password@host:port/database`; nothing is sent before the first query. */
export function openHistory(url: string, { max = CONNECTIONS, timeoutMs = TIMEOUT_MS }: HistoryOptions = {}): History {
  const client = createClient({
    url,
    application: 'plimsoll',
    max_open_connections: max,
    request_timeout: timeoutMs + 1_000,
    keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_MS },
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      max_execution_time: Math.ceil(timeoutMs / 1_000),
      max_memory_usage: String(QUERY_MEMORY_BYTES),
      // What is sorted and grouped beyond half of that goes to disk.
      max_bytes_before_external_sort: String(QUERY_MEMORY_BYTES / 2),
      max_bytes_before_external_group_by: String(QUERY_MEMORY_BYTES / 2),
      output_format_json_quote_64bit_integers: 0,
      date_time_input_format: 'basic',
    },
  });
  return { client, close: () => client.close() };
}

/** A statement that ClickHouse itself calls wrong. All other codes are of its state: too much at once, no memory, no disk, shutting down. */
const WRONG = new Set(['6', '10', '16', '26', '27', '36', '43', '46', '47', '53', '60', '62', '81', '117', '456', '457']);
const FORBIDDEN = new Set(['164', '192', '193', '194', '497', '516']);

/** Nothing was ever kept: the first log makes the tables. */
export const isBeforeFirstLog = (error: unknown): boolean => error instanceof ClickHouseError && error.code === '60';

/** `away`: wait and try again for as long as it takes. `fault`: the same again will not pass. `forbidden`: who asks may not. */
export function historyFault(error: unknown): 'away' | 'fault' | 'forbidden' {
  if (!(error instanceof ClickHouseError)) return 'away';
  if (FORBIDDEN.has(error.code)) return 'forbidden';
  return WRONG.has(error.code) ? 'fault' : 'away';
}
