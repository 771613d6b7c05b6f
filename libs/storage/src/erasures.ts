/**
 * Erasures: who is to be removed, how far that has come, and the report. Two rounds go through every shard, because what one shard
 * has counted may still be on its way to another: in the first each writes down and removes what it has learnt, in the second what
 * came to it meanwhile. When no job of before is kept for the history any more, the history and the records follow.
 */
import type { Erasure } from '@plimsoll/contracts';
import { asc, desc, eq, isNull } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { shard } from './schema.js';
import { erasure } from './schema-privacy.js';

export const ROUNDS = 2;
const SHOWN = 100;

type Row = typeof erasure.$inferSelect;

export interface OpenErasure {
  id: string;
  actor: string;
  round: number;
  /** Shards that have still to be gone through in this round. */
  waiting: number[];
  askedAt: number;
}

const toErasure = ({ id, pseudonym, askedAt, askedBy, reason, doneAt, erased, kept }: Row): Erasure => ({
  ...{ id, pseudonym, askedAt, askedBy, reason, doneAt, erased, kept },
});

/** @param by name of the person, or `command line`. */
export async function createErasure(
  tx: Transaction | Database,
  asked: { actor: string; pseudonym: string; by: string; reason: string },
  now: number,
): Promise<Erasure> {
  const shards = await tx.select({ id: shard.id }).from(shard).orderBy(asc(shard.id));
  const [row] = await tx
    .insert(erasure)
    .values({
      id: newId('era'),
      ...{ actor: asked.actor, pseudonym: asked.pseudonym, askedAt: now, askedBy: asked.by, reason: asked.reason },
      ...{ round: 1, waiting: shards.map(({ id }) => id), erased: [], kept: [] },
    })
    .returning();
  return toErasure(row!);
}

export async function listErasures(db: Database): Promise<Erasure[]> {
  return (await db.select().from(erasure).orderBy(desc(erasure.askedAt)).limit(SHOWN)).map(toErasure);
}

export async function readErasure(db: Database, id: string): Promise<Erasure | undefined> {
  const [row] = await db.select().from(erasure).where(eq(erasure.id, id));
  return row && toErasure(row);
}

/** Those that are not done, oldest first. */
export async function openErasures(db: Database): Promise<OpenErasure[]> {
  const rows = await db.select().from(erasure).where(isNull(erasure.doneAt)).orderBy(asc(erasure.askedAt));
  return rows.flatMap(({ id, actor, round, waiting, askedAt }) =>
    actor === null ? [] : [{ id, actor, round, waiting, askedAt }],
  );
}

/** One shard is through with a round; the last of them begins the next. Harmless where it was said before. */
export async function shardErased(
  db: Database,
  id: string,
  done: { round: number; shard: number; erased: Erasure['erased'] },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(erasure).where(eq(erasure.id, id)).for('update');
    if (row === undefined || row.round !== done.round || !row.waiting.includes(done.shard)) return;
    const left = row.waiting.filter((each) => each !== done.shard);
    const shards = await tx.select({ id: shard.id }).from(shard).orderBy(asc(shard.id));
    const next =
      left.length > 0
        ? { waiting: left }
        : { round: row.round + 1, waiting: row.round < ROUNDS ? shards.map(({ id: each }) => each) : [] };
    await tx
      .update(erasure)
      .set({ ...next, erased: summed(row.erased, done.erased) })
      .where(eq(erasure.id, id));
  });
}

/** What is counted before it is removed, and removed by a work that may be begun again: the greatest number that was found. */
export async function noteErased(db: Database, id: string, { place, count }: Erasure['erased'][number]): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select({ erased: erasure.erased }).from(erasure).where(eq(erasure.id, id)).for('update');
    const known = row?.erased.find((each) => each.place === place)?.count ?? 0;
    if (row === undefined || known >= count) return;
    const others = row.erased.filter((each) => each.place !== place);
    await tx
      .update(erasure)
      .set({ erased: [...others, { place, count }] })
      .where(eq(erasure.id, id));
  });
}

/** What is removed in this transaction, and so counted once. */
export async function addErased(tx: Transaction, id: string, more: Erasure['erased']): Promise<void> {
  const [row] = await tx.select({ erased: erasure.erased }).from(erasure).where(eq(erasure.id, id)).for('update');
  await tx
    .update(erasure)
    .set({ erased: summed(row?.erased ?? [], more) })
    .where(eq(erasure.id, id));
}

/** With the last of the records: from here on nobody can tell whom it was about. */
export async function finishErasure(
  tx: Transaction,
  id: string,
  { erased, kept }: Pick<Erasure, 'erased' | 'kept'>,
  now: number,
): Promise<void> {
  const [row] = await tx.select().from(erasure).where(eq(erasure.id, id)).for('update');
  const all = summed(row?.erased ?? [], erased);
  await tx.update(erasure).set({ actor: null, waiting: [], doneAt: now, erased: all, kept }).where(eq(erasure.id, id));
}

function summed(before: Erasure['erased'], more: Erasure['erased']): Erasure['erased'] {
  const counts = new Map(before.map(({ place, count }) => [place, count]));
  for (const { place, count } of more) if (count > 0) counts.set(place, (counts.get(place) ?? 0) + count);
  return [...counts].map(([place, count]) => ({ place, count }));
}
