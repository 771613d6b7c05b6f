/** What a log costs and how fast it is found: inserts, bytes on disk, an actor's last day and a month by hour among 50 million rows. */
import type { HistoryFilter } from '@plimsoll/contracts';
import { type History, histogram, insertLines, searchLogs, toLine } from '@plimsoll/storage';
import { sleep } from '../main-job/clock.js';
import { type Figure, figure, quantile, spread } from '../report.js';
import { type Engine, secondsOf, startEngine } from './engine.js';
import { realisticLogs } from './traffic.js';

/** A chunk of a busy shard. */
const CHUNK = 20_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 4;

async function one<T>({ client }: History, query: string): Promise<T> {
  const answer = await client.query({ query, format: 'JSONEachRow' });
  const [row] = await answer.json<T>();
  if (row === undefined) throw new Error(`no answer to ${query}`);
  return row;
}

async function merged({ history }: Engine): Promise<void> {
  while ((await one<{ n: number }>(history, 'SELECT count() AS n FROM system.merges')).n > 0) await sleep(500);
}

async function load(engine: Engine, users: number): Promise<{ rows: number; own: number; engines: number }> {
  let lines: string[] = [];
  let [rows, own] = [0, 0];
  const before = secondsOf(engine.pid);
  for (const logs of realisticLogs(users, DAYS)) {
    const begun = process.cpuUsage();
    for (const log of logs) {
      lines.push(toLine('shop', `${log.method} ${log.route ?? log.path}`, log, new Date(log.ts).toISOString().slice(0, 10)));
    }
    rows += logs.length;
    if (lines.length >= CHUNK) {
      await insertLines(engine.history, `chunk ${rows}`, lines);
      lines = [];
    }
    const { user, system } = process.cpuUsage(begun);
    own += (user + system) / 1e6;
  }
  await insertLines(engine.history, 'last', lines);
  await merged(engine);
  return { rows, own, engines: secondsOf(engine.pid) - before };
}

async function bytesALog({ history }: Engine): Promise<number> {
  for (const table of ['request_log', 'request_minute', 'request_hour']) {
    await history.client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
  }
  const sizes = await one<{ bytes: number }>(
    history,
    "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table LIKE 'request\\\\_%'",
  );
  const { rows } = await one<{ rows: number }>(history, 'SELECT count() AS rows FROM request_log');
  return sizes.bytes / rows;
}

async function bytesATraceId({ history }: Engine): Promise<number> {
  const query = `INSERT INTO request_log (service, ts, received, trace_id)
    SELECT 'traced', now64(3), today(), lower(hex(reinterpretAsFixedString(generateUUIDv4()))) FROM numbers(500000)`;
  await history.client.command({ query });
  const { bytes } = await one<{ bytes: number }>(
    history,
    `SELECT sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns WHERE active AND table = 'request_log' AND column = 'trace_id'`,
  );
  await history.client.command({ query: "DELETE FROM request_log WHERE service = 'traced'" });
  return bytes / 500_000;
}

/** Seven more times over a month, and each as often again with other actors as it takes. */
async function multiply({ history }: Engine, target: number): Promise<number> {
  const { rows, columns } = await one<{ rows: number; columns: string }>(
    history,
    `SELECT (SELECT count() FROM request_log) AS rows, arrayStringConcat(groupArray(name), ', ') AS columns
     FROM system.columns WHERE table = 'request_log' AND name NOT IN ('ts', 'received', 'actor', 'id_stem')`,
  );
  await history.client.command({ query: 'CREATE TABLE base ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM request_log' });
  const copies = Math.max(0, Math.round(target / rows) - 1);
  for (let copy = 1; copy <= copies; copy += 1) {
    const days = (copy % 7) * DAYS;
    const crowd = Math.floor(copy / 7);
    const who = crowd === 0 ? 'actor' : `if(actor = '', '', concat(actor, '-${crowd}'))`;
    await history.client.command({
      query: `INSERT INTO request_log (ts, received, actor, id_stem, ${columns})
        SELECT subtractDays(ts, ${days}), subtractDays(received, ${days}), ${who}, concat('batch:', substring(base64Encode(sipHash128(id_stem, ${copy})), 1, 16)), ${columns}
        FROM base
        SETTINGS max_threads = 2, max_insert_threads = 1`,
    });
  }
  await history.client.command({ query: 'DROP TABLE base' });
  return (await one<{ rows: number }>(history, 'SELECT count() AS rows FROM request_log')).rows;
}

async function times(count: number, task: (index: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let index = -5; index < count; index += 1) {
    const begun = performance.now();
    await task(index);
    if (index >= 0) taken.push(performance.now() - begun);
  }
  return taken;
}

async function reads(engine: Engine, rows: number, count: number): Promise<Figure[]> {
  const { history } = engine;
  const { newest, oldest } = await one<{ newest: number; oldest: number }>(
    history,
    'SELECT toUnixTimestamp64Milli(max(ts)) AS newest, toUnixTimestamp64Milli(min(ts)) AS oldest FROM request_log',
  );
  const answer = await history.client.query({
    query: `SELECT actor FROM request_log WHERE actor != '' AND ts > fromUnixTimestamp64Milli({from:Int64}) GROUP BY actor ORDER BY rand() LIMIT {count:UInt32}`,
    query_params: { from: newest - DAY_MS, count },
    format: 'JSONEachRow',
  });
  const actors = (await answer.json<{ actor: string }>()).map(({ actor }) => actor);
  const filter = (fields: Partial<HistoryFilter>): HistoryFilter => ({
    service: 'shop',
    from: newest - DAY_MS,
    to: newest + 1,
    ...fields,
  });
  const days = await times(count, (index) =>
    searchLogs(history, { filter: filter({ actor: actors[Math.abs(index) % actors.length] ?? '' }), limit: 100 }),
  );
  const from = Math.max(oldest, newest - 30 * DAY_MS);
  const months = await times(count, () => histogram(history, filter({ from }), HOUR_MS));
  const pages = await times(count, () => searchLogs(history, { filter: filter({}), limit: 100 }));
  console.log(`  ${rows} rows; an actor's last day: ${spread(days)} ms`);
  console.log(`  a month by hour: ${spread(months)} ms; newest page of a service: ${spread(pages)} ms`);
  const among = `among ${Math.round(rows / 1e6)} million rows, p99`;
  return [
    figure(`an actor's last day ${among}`, quantile(days, 0.99), 'ms', 200),
    figure(`histogram of a month by hour ${among}`, quantile(months, 0.99), 'ms', 500),
    figure(`newest page of a service ${among}`, quantile(pages, 0.99), 'ms', 500),
  ];
}

/** What a log costs: the processor's time, and bytes on disk. */
export async function measureInserts(quick: boolean): Promise<Figure[]> {
  const engine = await startEngine();
  try {
    const { rows, own, engines } = await load(engine, quick ? 600 : 3_000);
    console.log(
      `inserts: ${rows} rows in chunks of about ${CHUNK}: ${own.toFixed(1)} s here, ${engines.toFixed(1)} s in the engine`,
    );
    const bytes = await bytesALog(engine);
    return [
      figure('insert, CPU of the writing process (rows made and sent)', (own / rows) * 1e6, 'us/log', 8),
      figure(
        'insert, CPU of writing process and engine together, merges and roll-ups included',
        ((own + engines) / rows) * 1e6,
        'us/log',
        8,
      ),
      figure('bytes a log on disk, with indexes and roll-ups, without trace ids', bytes, 'bytes', 40),
      figure('bytes a random trace id', await bytesATraceId(engine), 'bytes', 20),
    ];
  } finally {
    await engine.stop();
  }
}

/** How fast it is found among 50 million rows. */
export async function measureReads(quick: boolean): Promise<Figure[]> {
  const engine = await startEngine();
  try {
    await load(engine, quick ? 600 : 3_000);
    const rows = await multiply(engine, quick ? 2_000_000 : 50_000_000);
    await merged(engine);
    return await reads(engine, rows, quick ? 50 : 200);
  } finally {
    await engine.stop();
  }
}
