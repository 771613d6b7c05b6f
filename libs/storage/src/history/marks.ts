/**
 * Up to where the history has each shard's logs, in PostgreSQL and under the shard's fence. A chunk is noted before it is
 * written and again when it is in: who takes the shard over writes the same chunk again, under the same token, and so
 * neither loses nor doubles anything. What the buffer could not hold is noted here as well, once and for all.
 */
import { and, eq, ne, or, sql } from 'drizzle-orm';
import { Fenced } from '../batches.js';
import type { Database, Transaction } from '../database.js';
import type { Lease } from '../leases.js';
import { shard } from '../schema.js';
import { historyGap, historyMark } from '../schema-history.js';

/** Numbers of batches within a shard. done <= pending <= lost. */
export interface Mark {
  done: number;
  /** Last batch of the chunk that may be in already; `done` where there is none. */
  pending: number;
  /** After the chunk everything up to here is counted as lost; `pending` where nothing is. */
  lost: number;
}

/** What was lost of one service. */
export interface Loss {
  service: string;
  /** Event time, milliseconds. */
  from: number;
  to: number;
  requests: number;
}

/** @param first where a shard begins whose mark is not there: what came before is none of the history's. @throws Fenced */
export async function openMark(db: Database, lease: Lease, first: number): Promise<Mark> {
  return db.transaction(async (tx) => {
    await fence(tx, lease);
    const start = { shard: lease.shard, doneSeq: first, pendingSeq: first, lostSeq: first };
    await tx.insert(historyMark).values(start).onConflictDoNothing();
    const [row] = await tx.select().from(historyMark).where(eq(historyMark.shard, lease.shard));
    return { done: row?.doneSeq ?? first, pending: row?.pendingSeq ?? first, lost: row?.lostSeq ?? first };
  });
}

/** No history is kept: what comes until there is one again is none of it. */
export async function dropMark(db: Database, lease: Lease): Promise<void> {
  await db.delete(historyMark).where(eq(historyMark.shard, lease.shard));
}

/**
 * Safe to repeat: a mark that is set already has its losses.
 *
 * @param losses what is newly lost, of a mark that moves; added up behind the same chunk. @throws Fenced where another holds the shard: nothing was changed.
 */
export async function setMark(
  db: Database,
  lease: Lease,
  mark: Mark,
  losses: readonly Loss[] = [],
  reason: 'full' | 'refused' = 'full',
  now = 0,
): Promise<void> {
  await db.transaction(async (tx) => {
    await fence(tx, lease);
    const set = { doneSeq: mark.done, pendingSeq: mark.pending, lostSeq: mark.lost };
    const { doneSeq, pendingSeq, lostSeq } = historyMark;
    const isOther = or(ne(doneSeq, set.doneSeq), ne(pendingSeq, set.pendingSeq), ne(lostSeq, set.lostSeq));
    const moved = await tx
      .update(historyMark)
      .set(set)
      .where(and(eq(historyMark.shard, lease.shard), isOther));
    if (moved.rowCount === 0) return;
    for (const loss of losses) await addLoss(tx, lease, mark.pending, loss, reason, now);
  });
}

async function fence(tx: Transaction, lease: Lease): Promise<void> {
  const held = and(eq(shard.id, lease.shard), eq(shard.generation, lease.generation));
  const [row] = await tx.select({ id: shard.id }).from(shard).where(held).for('share');
  if (!row) throw new Fenced(lease.shard);
}

async function addLoss(
  tx: Transaction,
  lease: Lease,
  seq: number,
  { service, from, to, requests }: Loss,
  reason: string,
  now: number,
): Promise<void> {
  await tx
    .insert(historyGap)
    .values({ service, shard: lease.shard, seq, fromTs: from, toTs: to, requests, reason, notedAt: now })
    .onConflictDoUpdate({
      target: [historyGap.service, historyGap.shard, historyGap.seq],
      set: {
        fromTs: sql`least(${historyGap.fromTs}, excluded.from_ts)`,
        toTs: sql`greatest(${historyGap.toTs}, excluded.to_ts)`,
        requests: sql`${historyGap.requests} + excluded.requests`,
        notedAt: sql`excluded.noted_at`,
      },
    });
}
