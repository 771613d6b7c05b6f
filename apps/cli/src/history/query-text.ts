/** What `query` prints for people: requests as a table, a histogram as bars. Clients' text is cleaned before it meets a terminal. */
import { cleanText, type HistoryBucket } from '@plimsoll/contracts';
import type { KeptLog } from '@plimsoll/storage';
import { aligned } from '../table.js';

const BAR = 48;
const timeOf = (ts: number) => new Date(ts).toISOString().replace('T', ' ').slice(0, 23);

export function requestTable(found: readonly KeptLog[]): string {
  const rows = found.map(({ log }) => [
    timeOf(log.ts),
    String(log.status),
    log.method,
    cleanText(log.path),
    cleanText(log.actor ?? '-'),
    log.ip,
    `${Math.round(log.durationMs)} ms`,
    log.verdict === 'allow' ? '' : log.verdict,
  ]);
  return aligned([['time (UTC)', 'status', 'method', 'path', 'actor', 'address', 'took', 'verdict'], ...rows]).join('\n');
}

interface Counted {
  buckets: readonly HistoryBucket[];
  requests: number;
  from: number;
  to: number;
}

export function histogramText({ buckets, requests, from, to }: Counted): string {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.requests));
  const rows = buckets.map((bucket) => [
    timeOf(bucket.ts).slice(0, 19),
    String(bucket.requests),
    String(bucket.clientErrors),
    String(bucket.errors),
    String(bucket.refused),
    '#'.repeat(Math.ceil((bucket.requests / most) * BAR)),
  ]);
  const table = aligned([['from (UTC)', 'requests', '4xx', '5xx', 'refused', ''], ...rows]);
  return [...table, `${requests} requests from ${timeOf(from)} to ${timeOf(to)}.`].join('\n');
}
