/** Tables of privacy: whom a pseudonym stands for, and erasures with what came of each. */
import type { Erasure } from '@plimsoll/contracts';
import { bigint, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';

const ms = (name: string) => bigint(name, { mode: 'number' });

/** A pseudonym that was shown, and the actor's id. Erasing the actor removes its rows. */
export const pseudonym = pgTable(
  'pseudonym',
  { pseudonym: text('pseudonym').primaryKey(), actor: text('actor').notNull() },
  (table) => [index('pseudonym_actor').on(table.actor)],
);

export const erasure = pgTable(
  'erasure',
  {
    id: text('id').primaryKey(),
    /** Whom: null once everything is done. */
    actor: text('actor'),
    pseudonym: text('pseudonym').notNull(),
    askedAt: ms('asked_at').notNull(),
    askedBy: text('asked_by').notNull(),
    reason: text('reason').notNull(),
    /** Which time it goes through the shards; beyond the last, what is left are history and records. */
    round: integer('round').notNull(),
    /** Shards that have still to be gone through in this round. */
    waiting: jsonb('waiting').$type<number[]>().notNull(),
    doneAt: ms('done_at'),
    erased: jsonb('erased').$type<Erasure['erased']>().notNull(),
    kept: jsonb('kept').$type<Erasure['kept']>().notNull(),
  },
  (table) => [index('erasure_newest').on(table.askedAt)],
);
