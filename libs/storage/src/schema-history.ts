/** What PostgreSQL knows of the history: up to where each shard's logs are in it, and what is missing there. */
import { bigint, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

const ms = (name: string) => bigint(name, { mode: 'number' });

/** Up to which batch (its number within the shard) the history has everything, or has it counted as lost. */
export const historyMark = pgTable('history_mark', {
  shard: integer('shard').primaryKey(),
  doneSeq: ms('done_seq').notNull(),
  /** Last batch of the chunk that is being written; the same as `done_seq` where none is. It is written again as it was cut. */
  pendingSeq: ms('pending_seq').notNull(),
  /** Everything after the chunk and up to here is counted as lost; the same as `pending_seq` where nothing is. */
  lostSeq: ms('lost_seq').notNull(),
});

/** Request logs that never reached the history: what a shard lost of a service while one chunk could not be written. */
export const historyGap = pgTable(
  'history_gap',
  {
    service: text('service').notNull(),
    shard: integer('shard').notNull(),
    /** Of the chunk behind which they were lost. */
    seq: ms('seq').notNull(),
    /** Event time of the first and of the last one. */
    fromTs: ms('from_ts').notNull(),
    toTs: ms('to_ts').notNull(),
    requests: ms('requests').notNull(),
    /** full: the buffer was. refused: ClickHouse called the rows wrong. */
    reason: text('reason').notNull(),
    notedAt: ms('noted_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.service, table.shard, table.seq] }),
    index('history_gap_by_time').on(table.service, table.toTs),
  ],
);
