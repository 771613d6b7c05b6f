/**
 * The history in order of time, for backtests and exports, in bounded memory on both sides. The minute roll-ups tell where
 * logs are; windows of about a hundred thousand are asked for one after another, so that the engine sorts no more than that
 * at a time, and nothing is held open between them for longer than a window takes.
 */
import type { HistoryFilter } from '@plimsoll/contracts';
import { conditionOf } from './filter.js';
import type { History } from './history.js';
import { type KeptLog, READ, type Row, toKept } from './rows.js';

const MINUTE_MS = 60_000;
const WINDOW_ROWS = 100_000;

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

/** Whole lines of a stream of bytes, as one array of rows a chunk. */
async function* rowsOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Row[]> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(0x0a);
    if (end < 0) {
      rest = Buffer.concat([rest, chunk]);
      continue;
    }
    const text = Buffer.concat([rest, chunk.subarray(0, end)]).toString('utf8');
    rest = Buffer.from(chunk.subarray(end + 1));
    // A line break within a text is escaped: each one ends a row.
    yield JSON.parse(`[${text.replaceAll('\n', ',')}]`);
  }
  const text = rest.toString('utf8').trim();
  if (text !== '') throw new Error(`the history broke off: ${text.slice(0, 200)}`);
}

/**
 * Logs in order of (time, service, id), some hundreds to thousands at a time. What is written while it runs may be missing.
 * Ends early where the consumer does.
 */
export async function* streamLogs(history: History, asked: Streamed): AsyncGenerator<KeptLog[]> {
  const base = asked.service === undefined ? undefined : conditionOf(asked);
  const time = 'ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts < fromUnixTimestamp64Milli({to:Int64})';
  const query = `SELECT ${READ} FROM request_log WHERE ${base?.sql ?? time}
    ORDER BY ts, service, id_stem, id_number FORMAT JSONCompactEachRow`;
  for (const window of await windowsOf(history, asked)) {
    const { stream } = await history.client.exec({ query, query_params: { ...base?.params, ...window } });
    try {
      for await (const rows of rowsOf(stream)) yield rows.map(toKept);
    } finally {
      stream.destroy();
    }
  }
}
