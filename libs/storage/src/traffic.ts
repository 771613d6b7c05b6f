/** Minute roll-ups of traffic as the worker adds to them, in one statement a batch. Rows are sorted, so that batches that share some cannot lock each other out. */
import { sql } from 'drizzle-orm';
import type { Transaction } from './database.js';

export interface TrafficRow {
  service: string;
  endpoint: string;
  /** Start of the minute, milliseconds since the epoch. */
  minute: number;
  requests: number;
  /** Status 500 and above. */
  errors: number;
  /** Status 400 to 499 that was not the bouncer's answer. */
  clientErrors: number;
  throttled: number;
  blocked: number;
  durationMs: number;
  bytesOut: number;
}

const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
const inOrder = (a: TrafficRow, b: TrafficRow) =>
  compare(a.service, b.service) || compare(a.endpoint, b.endpoint) || compare(a.minute, b.minute);

export async function addTraffic(tx: Transaction, rows: readonly TrafficRow[]): Promise<void> {
  if (rows.length === 0) return;
  const sorted = [...rows].sort(inOrder);
  const column = (name: keyof TrafficRow) => sql.param(sorted.map((row) => row[name]));
  await tx.execute(sql`
    insert into traffic_minute (service, endpoint, minute, requests, errors, client_errors, throttled, blocked, duration_ms, bytes_out)
    select * from unnest(${column('service')}::text[], ${column('endpoint')}::text[], ${column('minute')}::bigint[],
      ${column('requests')}::bigint[], ${column('errors')}::bigint[], ${column('clientErrors')}::bigint[], ${column('throttled')}::bigint[],
      ${column('blocked')}::bigint[], ${column('durationMs')}::float8[], ${column('bytesOut')}::bigint[])
    on conflict (service, endpoint, minute) do update set
      requests = traffic_minute.requests + excluded.requests,
      errors = traffic_minute.errors + excluded.errors,
      client_errors = traffic_minute.client_errors + excluded.client_errors,
      throttled = traffic_minute.throttled + excluded.throttled,
      blocked = traffic_minute.blocked + excluded.blocked,
      duration_ms = traffic_minute.duration_ms + excluded.duration_ms,
      bytes_out = traffic_minute.bytes_out + excluded.bytes_out`);
}
