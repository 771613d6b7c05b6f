/**
 * From unchecked entries to the jobs of a batch; pure, the clock is given. Each log is checked on its own, so that a bad
 * one costs only itself. The receiver's clock rules: no log is from the future, and an old one is marked as such, since
 * late and historical logs must never lead to an enforced decision.
 */
import { createHash } from 'node:crypto';
import {
  type CheckedLog,
  completeLog,
  type RejectedLog,
  type RequestBatch,
  type RequestLog,
  requestLogInput,
  type Timing,
} from '@plimsoll/contracts';
import { DERIVED_ID, plainAddress, shardOf, sourceOf } from '@plimsoll/storage';
import { Unreadable } from './entries.js';

/** A live log older than this is late, milliseconds. */
export const LATE_AFTER_MS = 15 * 60_000;

/** Characters of a batch's hash in its logs' ids: 96 bits. The history keeps one stem a batch, at these bytes. */
const BATCH_PART = 16;

export interface Receipt {
  service: string;
  /** Hash of service, the client's batch id and the unpacked body: the same for a retry, and for nothing else. */
  batch: string;
  historical: boolean;
  /** Receiver's clock, milliseconds since the epoch. */
  receivedAt: number;
}

/** The one log, checked, or where it fails: the first fault's field (empty: the log itself) and reason, without its values. */
export function checkLog(entry: unknown): { log: CheckedLog } | Omit<RejectedLog, 'index'> {
  if (entry instanceof Unreadable) return { field: '', reason: entry.reason };
  const result = requestLogInput.safeParse(entry);
  if (result.success) return { log: result.data };
  const [issue] = result.error.issues;
  return { field: issue?.path.join('.') ?? '', reason: issue?.message ?? 'not a request log' };
}

/** @param index of the log within its batch, the seed of its id where the client gives none. */
export function receiveLog(checked: CheckedLog, index: number, receipt: Receipt): RequestLog {
  return completeLog(
    { ...checked, ip: plainAddress(checked.ip) ?? checked.ip },
    {
      id: checked.id ?? `${DERIVED_ID}${receipt.batch.slice(0, BATCH_PART)}:${index}`,
      ts: Math.min(checked.ts, receipt.receivedAt),
      timing: timingOf(checked.ts, receipt),
    },
  );
}

function timingOf(ts: number, { historical, receivedAt }: Receipt): Timing {
  if (historical) return 'historical';
  return receivedAt - ts > LATE_AFTER_MS ? 'late' : 'live';
}

/** One job for each shard that has logs, in the order of the shards. */
export function toBatches(logs: readonly RequestLog[], receipt: Receipt, shards: number): RequestBatch[] {
  const { service, batch, receivedAt } = receipt;
  const requests = new Map<number, RequestLog[]>();
  for (const log of logs) {
    const shard = shardOf(service, sourceOf(log), shards);
    const list = requests.get(shard);
    if (list === undefined) requests.set(shard, [log]);
    else list.push(log);
  }
  return [...requests].sort(([a], [b]) => a - b).map(([shard, list]) => ({ service, batch, shard, receivedAt, requests: list }));
}

/** Hash of texts and bytes that cannot be confused by where one ends: each is preceded by its length. */
export function hashOf(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64url');
}
