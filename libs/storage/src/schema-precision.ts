/** When a kind of a service was demoted to monitor, by which verdicts, and when and by whom it was restored. */
import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { service } from './schema.js';

const ms = (name: string) => bigint(name, { mode: 'number' });

export const kindDemotion = pgTable(
  'kind_demotion',
  {
    service: text('service')
      .notNull()
      .references(() => service.id),
    kind: text('kind').notNull(),
    demotedAt: ms('demoted_at').notNull(),
    /** The verdicts by which it was demoted. */
    confirmed: integer('confirmed').notNull(),
    falseAlarms: integer('false_alarms').notNull(),
    /** Null while it stands. */
    restoredAt: ms('restored_at'),
    /** The person's name; null where better or older verdicts did it. */
    restoredBy: text('restored_by'),
  },
  (table) => [
    uniqueIndex('kind_demotion_standing').on(table.service, table.kind).where(sql`restored_at is null`),
    index('kind_demotion_restored').on(table.service, table.kind, table.restoredAt),
  ],
);
