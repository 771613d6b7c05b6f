/** Tables of privacy: whom a pseudonym stands for. */
import { index, pgTable, text } from 'drizzle-orm/pg-core';

/** A pseudonym that was shown, and the actor's id. Erasing the actor removes its rows. */
export const pseudonym = pgTable(
  'pseudonym',
  { pseudonym: text('pseudonym').primaryKey(), actor: text('actor').notNull() },
  (table) => [index('pseudonym_actor').on(table.actor)],
);
