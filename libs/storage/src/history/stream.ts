/**
 * The history in order of time, for backtests and exports, in bounded memory on both sides. The minute roll-ups tell where
 * logs are; windows of about a hundred thousand are asked for one after another, so that the engine sorts no more than that
 * at a time, and nothing is held open between them for longer than a window takes.
 */
import type { HistoryFilter } from '@plimsoll/contracts';
import { logsOf, selected, WIDTH } from './columns.js';
import { conditionOf } from './filter.js';
import type { History } from './history.js';
import { blocksOf } from './native.js';
import type { KeptLog } from './rows.js';

const MINUTE_MS = 60_000;
const WINDOW_ROWS = 100_000;
/** Of one block, which is held whole: 3 MB as clients mostly write, 30 MB at worst. */
const BLOCK_ROWS = 8_192;
/** Logs that are made at once, and given to who asked. */
const PIECE_ROWS = 1_024;

/** Which logs: a filter, or of all services where none is named. */
export type Streamed = HistoryFilter | { service?: undefined; from: number; to: number };

interface Window {
  from: number;
  to: number;
}

async function windowsOf({ client }: History, { service, from, to }: Streamed): Promise<Window[]> {
  const query = `SELECT toInt64(toUnixTimestamp(at)) * 1000 AS minute, sum(requests) AS requests FROM request_minute
    WHERE at >= toDateTime({from:Int64}, 'UTC') AND at < toDateTime({to:Int64}, 'UTC')${service === undefined ? '' : ' AND service = {service:String}'}
    GROUP BY at ORDER BY at`;
  const params = {
    from: Math.floor(from / MINUTE_MS) * 60,
    to: Math.ceil(to / MINUTE_MS) * 60,
    ...(service === undefined ? {} : { service }),
  };
  const answer = await client.query({ query, query_params: params, format: 'JSONCompactEachRow' });
  const windows: Window[] = [];
  let rows = WINDOW_ROWS;
  for (const [minute, requests] of await answer.json<[number, number]>()) {
    const last = windows.at(-1);
    if (last === undefined || rows + requests > WINDOW_ROWS) {
      windows.push({ from: Math.max(from, minute), to: Math.min(to, minute + MINUTE_MS) });
      rows = requests;
    } else {
      last.to = Math.min(to, minute + MINUTE_MS);
      rows += requests;
    }
  }
  return windows;
}

/**
 * Logs in order of (time, service, id), up to a thousand at a time. What is written while it runs may be missing. Ends early
 * where the consumer does.
 *
 * @param traceIds false: they are left out, and cost nothing
 */
export async function* streamLogs(history: History, asked: Streamed, { traceIds = true } = {}): AsyncGenerator<KeptLog[]> {
  const base = asked.service === undefined ? undefined : conditionOf(asked);
  const time = 'ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts < fromUnixTimestamp64Milli({to:Int64})';
  const query = `SELECT ${selected(traceIds)} FROM request_log WHERE ${base?.sql ?? time}
    ORDER BY ts, service, id_stem, id_number FORMAT Native`;
  for (const window of await windowsOf(history, asked)) {
    const { stream } = await history.client.exec({
      query,
      query_params: { ...base?.params, ...window },
      clickhouse_settings: { max_block_size: String(BLOCK_ROWS) },
    });
    try {
      for await (const block of blocksOf(stream, WIDTH)) {
        for (let first = 0; first < block.rows; first += PIECE_ROWS) {
          yield logsOf(block, first, Math.min(block.rows, first + PIECE_ROWS));
        }
      }
    } finally {
      stream.destroy();
    }
  }
}
