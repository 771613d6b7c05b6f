/** What grows with traffic and is too old is thrown away, at the ages that docs/operations.md promises. (Used sign-in links go in people.ts.) */
import { and, eq, gt, lt, max, not, notExists } from 'drizzle-orm';
import type { Database } from './database.js';
import { batch, service, trafficMinute } from './schema.js';
import { proof } from './schema-channel.js';
import { historyMark } from './schema-history.js';

const DAY_MS = 86_400_000;
const TRAFFIC_KEPT_MS = 35 * DAY_MS;
/** A batch is recognised for a day; a second day covers clocks and slow retries. */
const BATCHES_KEPT_MS = 2 * DAY_MS;

/** A day's proofs are counted against a cap. */
const PROOFS_KEPT_MS = 2 * DAY_MS;

export interface Discarded {
  trafficMinutes: number;
  batches: number;
}

/** @param now milliseconds since the epoch. @returns how many rows went. */
export async function discardOld(db: Database, now: number): Promise<Discarded> {
  const old = lt(batch.committedAt, now - BATCHES_KEPT_MS);
  const { rowCount } = await db.delete(batch).where(and(old, notExists(awaited(db))));
  await db.delete(proof).where(lt(proof.changedAt, now - PROOFS_KEPT_MS));
  let trafficMinutes = 0;
  for (const { id } of await db.select({ id: service.id }).from(service)) trafficMinutes += await discardTraffic(db, id, now);
  return { trafficMinutes, batches: rowCount ?? 0 };
}

/** The mark of a shard whose history still lacks the batch, as marks.ts tells: of what waits for ClickHouse, or follows within minutes (worker/history/tape.ts). */
function awaited(db: Database) {
  const { shard, doneSeq, pendingSeq, lostSeq } = historyMark;
  const isMissing = gt(batch.seq, doneSeq);
  const isLost = and(gt(batch.seq, pendingSeq), not(gt(batch.seq, lostSeq)))!;
  return db
    .select({ shard })
    .from(historyMark)
    .where(and(eq(shard, batch.shard), isMissing, not(isLost)));
}

/** By the service's newest minute: the roll-ups of an old file that was shipped today are all that there is to see of it. */
async function discardTraffic(db: Database, serviceId: string, now: number): Promise<number> {
  const ofService = eq(trafficMinute.service, serviceId);
  const [row] = await db
    .select({ newest: max(trafficMinute.minute) })
    .from(trafficMinute)
    .where(ofService);
  const newest = row?.newest;
  if (newest === null || newest === undefined) return 0;
  const old = lt(trafficMinute.minute, Math.min(now, newest) - TRAFFIC_KEPT_MS);
  return (await db.delete(trafficMinute).where(and(ofService, old))).rowCount ?? 0;
}
