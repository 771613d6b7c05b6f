/** `plimsoll query`: requests of the history, as a table or as NDJSON, or how many there were over time. */
import { type HistoryFilter, historyFilterSchema, spanOf } from '@plimsoll/contracts';
import { bucketWidth, type History, histogram, searchLogs, streamLogs } from '@plimsoll/storage';
import { type Command, InvalidArgumentError } from 'commander';
import { Fault } from '../fault.js';
import { histogramText, requestTable } from '../history/query-text.js';
import { chooseService } from '../history/service-choice.js';
import { timeFrom } from '../history/times.js';
import { addWhereOptions, openStores, type WhereOptions } from '../history/whereabouts.js';

interface QueryOptions extends WhereOptions {
  service?: string;
  actor?: string;
  address?: string;
  credential?: string;
  endpoint?: string;
  method?: string;
  status?: string;
  verdict?: string;
  path?: string;
  from?: number;
  to?: number;
  limit?: number;
  json: boolean;
  histogram: boolean;
}

/** Rows of a table; NDJSON goes to the end. */
const MOST_ROWS = 50;
const BUCKETS = 48;

export function register(program: Command): void {
  const command = program
    .command('query')
    .description('search the requests that were kept; those of the last day where no time is named, the newest first')
    .option('--service <name>', 'which service; needs not be said where there is one')
    .option('--actor <id>', 'by this actor')
    .option('--address <ip>', 'from this address, or this range: 2001:db8::/64')
    .option('--credential <fingerprint>', 'with this credential')
    .option('--endpoint <name>', "on this endpoint, as alerts name it: 'GET /orders/:id'")
    .option('--method <name>', 'with this method')
    .option('--status <list>', 'with these statuses or classes: 404,5xx')
    .option('--verdict <list>', 'with these answers of the bouncer: throttle,block')
    .option('--path <text>', 'with this text in the path')
    .option('--from <time>', 'from this time on: ISO 8601, milliseconds, or how long ago (30m, 12h, 7d)', timeOption)
    .option('--to <time>', 'before this time', timeOption)
    .option('--limit <n>', `at most so many; the table shows ${MOST_ROWS} where it is not said, NDJSON all`, countOption)
    .option('--json', 'NDJSON, one request a line, oldest first', false)
    .option('--histogram', 'how many over time instead of which', false);
  addWhereOptions(command).action(query);
}

const timeOption = (text: string) => timeFrom(text, Date.now());
function countOption(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a number from 1 on.');
}

async function query(options: QueryOptions): Promise<void> {
  process.stdout.on('error', endQuietly);
  const { data: _, databaseUrl: __, clickhouseUrl: ___, limit, json, histogram: overTime, ...asked } = options;
  const stores = await openStores(options);
  try {
    const service = await chooseService(stores.db, asked.service);
    const filter = filterOf({ ...asked, service: service.id });
    if (overTime) await printHistogram(stores.history, filter, json);
    else if (json) await printLines(stores.history, filter, limit ?? Number.POSITIVE_INFINITY);
    else await printTable(stores.history, filter, limit ?? MOST_ROWS);
  } finally {
    await stores.close();
  }
}

/** @throws Fault naming each option that cannot be used. */
function filterOf(asked: Record<string, unknown>): HistoryFilter {
  const read = historyFilterSchema.safeParse(asked);
  if (!read.success) {
    const named = read.error.issues.map(({ path, message }) => `\n  --${String(path[0])}: ${message}`);
    throw new Fault(`These options cannot be used:${named.join('')}`);
  }
  const filter = spanOf(read.data, Date.now());
  if (filter.from >= filter.to) throw new Fault('The time ends before it begins: --from must lie before --to.');
  return filter;
}

async function printHistogram(history: History, filter: HistoryFilter, json: boolean): Promise<void> {
  const counted = await histogram(history, filter, bucketWidth(filter, BUCKETS));
  print(json ? JSON.stringify(counted) : histogramText(counted));
}

async function printTable(history: History, filter: HistoryFilter, limit: number): Promise<void> {
  const found = await searchLogs(history, { filter, limit });
  const items = found?.items ?? [];
  print(items.length === 0 ? 'No requests.' : requestTable(items));
  if (found?.nextCursor)
    process.stderr.write(`There are more than these ${limit}: narrow the search, or ask for more with --limit.\n`);
}

async function printLines(history: History, filter: HistoryFilter, limit: number): Promise<void> {
  let left = limit;
  for await (const some of streamLogs(history, filter)) {
    for (const { service, endpoint, log } of some.slice(0, left)) print(JSON.stringify({ ...log, service, endpoint }));
    left -= some.length;
    if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once('drain', resolve));
    if (left <= 0) return;
  }
}

/** `plimsoll query ... | head`: whoever read the output has gone, which is no fault. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
