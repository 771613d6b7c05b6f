/** What PostgreSQL knows of the history: up to where each shard's logs are in it, and what is missing there. */
import { bigint, index, integer, pgTable, text } from 'drizzle-orm/pg-core';

const ms = (name: string) => bigint(name, { mode: 'number' });

/** Up to which batch (its number within the shard) the history has, or has counted as lost, everything. */
export const historyMark = pgTable('history_mark', {
  shard: integer('shard').primaryKey(),
  doneSeq: ms('done_seq').notNull().default(0),
  /** Last batch of the chunk that is being written; the same as `done_seq` where none is. It is written again as it was cut. */
  pendingSeq: ms('pending_seq').notNull().default(0),
});

/** Request logs that never reached the history: the time that they are of, and how many. */
export const historyGap = pgTable(
  'history_gap',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    service: text('service').notNull(),
    fromTs: ms('from_ts').notNull(),
    toTs: ms('to_ts').notNull(),
    requests: ms('requests').notNull(),
    /** full: the buffer was. refused: ClickHouse called the rows wrong. gone: the queue had lost them. */
    reason: text('reason').notNull(),
    notedAt: ms('noted_at').notNull(),
  },
  (table) => [index('history_gap_by_time').on(table.service, table.toTs)],
);
