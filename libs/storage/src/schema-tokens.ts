/** Tables around access tokens as a whole. */
import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

const ms = (name: string) => bigint(name, { mode: 'number' });

/** One row: access tokens issued before this time are refused, whatever key signed them. */
export const tokenEpoch = pgTable('token_epoch', {
  id: text('id').primaryKey(),
  notBefore: ms('not_before').notNull(),
});
