/** What grows with traffic and is too old is thrown away, at the ages that docs/operations.md promises. (Used sign-in links go in people.ts.) */
import { lt, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { batch, trafficMinute } from './schema.js';

const DAY_MS = 86_400_000;
const TRAFFIC_KEPT_MS = 35 * DAY_MS;
/** A batch is recognised for a day; a second day covers clocks and slow retries. */
const BATCHES_KEPT_MS = 2 * DAY_MS;

export interface Discarded {
  trafficMinutes: number;
  batches: number;
}

/** @param now milliseconds since the epoch. @returns how many rows went. */
export async function discardOld(db: Database, now: number): Promise<Discarded> {
  const gone = async (result: Promise<{ rowCount: number | null }>) => (await result).rowCount ?? 0;
  return {
    trafficMinutes: await gone(db.delete(trafficMinute).where(lt(trafficMinute.minute, now - TRAFFIC_KEPT_MS))),
    batches: await gone(db.delete(batch).where(lt(batch.committedAt, now - BATCHES_KEPT_MS))),
  };
}

/** Whether PostgreSQL answers. */
export async function pingDatabase(db: Database): Promise<void> {
  await db.execute(sql`select 1`);
}
