/**
 * Dated copies of all that was learnt, so that a backtest begins where the live run stood, and not in ignorance. One a day,
 * in the records, packed, and bounded by number and by bytes, the oldest going first. The shards are copied one after
 * another, each as it was last written behind: seconds apart, which no baseline of days notices.
 */
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzip, gzip } from 'node:zlib';
import type { Population } from '@plimsoll/detection';
import { and, asc, desc, eq, gte, lte, sql } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import { loadBaselines } from './baselines.js';
import type { Database, Transaction } from './database.js';
import { loadKnowledge } from './knowledge.js';
import { baselineCopy } from './schema-backtest.js';

const DAY_MS = 86_400_000;
/** A backtest reaches as far back as the history; of older copies none is of use. */
const MOST_COPIES = 31;
const MOST_BYTES = 1_000_000_000;
/** Entities of one part: some megabytes. */
const PART = 20_000;
/** No shard: what all shards share. */
const SHARED = -1;
const FAST = { level: 1 };
const pack = async (value: unknown) => promisify<Buffer, object, Buffer>(gzip)(serialize(value), FAST);
export const unpack = async (bytes: Buffer): Promise<unknown> => deserialize(await promisify<Buffer, Buffer>(gunzip)(bytes));

export interface BaselineCopy {
  /** Milliseconds since the epoch. */
  takenAt: number;
  shards: number;
}

/**
 * Until the transaction ends nobody else makes a copy or erases somebody from them: a copy that read a shard before its erasure, and is
 * written after all copies were removed, would keep the actor for a month.
 */
export const lockCopies = (tx: Transaction) =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('plimsoll:baseline-copies', 0))`);

/** Where the newest is a day old. @returns the copy that was made. */
export async function copyBaselines(
  db: Database,
  redis: Redis,
  { namespace, shards, now }: { namespace: string; shards: number; now: number },
): Promise<BaselineCopy | undefined> {
  const [newest] = await db.select().from(baselineCopy).orderBy(desc(baselineCopy.takenAt)).limit(1);
  if (newest && now - newest.takenAt < DAY_MS) return undefined;
  await db.transaction(async (tx) => {
    await lockCopies(tx);
    const keep = async (shard: number, part: number, value: unknown) =>
      tx.insert(baselineCopy).values({ takenAt: now, shard, part, shards, bytes: await pack(value) });
    const { populations } = await loadKnowledge(redis, namespace);
    await keep(SHARED, 0, populations);
    for (let shard = 0; shard < shards; shard += 1) {
      const { entries } = await loadBaselines(redis, namespace, shard);
      for (let from = 0; from < entries.length; from += PART) await keep(shard, from / PART, entries.slice(from, from + PART));
    }
  });
  await discardCopies(db);
  return { takenAt: now, shards };
}

/** The newest copy of this time. */
export async function findCopy(db: Database, span: { from: number; to: number }): Promise<BaselineCopy | undefined> {
  const [row] = await db
    .select({ takenAt: baselineCopy.takenAt, shards: baselineCopy.shards })
    .from(baselineCopy)
    .where(and(gte(baselineCopy.takenAt, span.from), lte(baselineCopy.takenAt, span.to)))
    .orderBy(desc(baselineCopy.takenAt))
    .limit(1);
  return row;
}

/** What a copy holds, part by part. */
export async function* readCopy(
  db: Database,
  takenAt: number,
): AsyncGenerator<{ populations: Population[] } | { shard: number; entries: [key: string, state: Uint8Array][] }> {
  const parts = await db
    .select({ shard: baselineCopy.shard, part: baselineCopy.part })
    .from(baselineCopy)
    .where(eq(baselineCopy.takenAt, takenAt))
    .orderBy(asc(baselineCopy.shard), asc(baselineCopy.part));
  for (const { shard, part } of parts) {
    const which = and(eq(baselineCopy.takenAt, takenAt), eq(baselineCopy.shard, shard), eq(baselineCopy.part, part));
    const [row] = await db.select({ bytes: baselineCopy.bytes }).from(baselineCopy).where(which);
    const value = row && (await unpack(row.bytes));
    if (shard === SHARED) yield { populations: (value ?? []) as Population[] };
    else yield { shard, entries: (value ?? []) as [string, Uint8Array][] };
  }
}

/** The oldest go, beyond their number or their bytes. The newest stays. */
async function discardCopies(db: Database): Promise<void> {
  const copies = await db
    .select({ takenAt: baselineCopy.takenAt, bytes: sql<number>`sum(length(${baselineCopy.bytes}))`.mapWith(Number) })
    .from(baselineCopy)
    .groupBy(baselineCopy.takenAt)
    .orderBy(desc(baselineCopy.takenAt));
  let bytes = 0;
  for (const [index, copy] of copies.entries()) {
    bytes += copy.bytes;
    if (index === 0 || (index < MOST_COPIES && bytes <= MOST_BYTES)) continue;
    await db.delete(baselineCopy).where(eq(baselineCopy.takenAt, copy.takenAt));
  }
}
