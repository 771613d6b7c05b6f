/** Tables of the work on alerts: their history, whom comments mention, saved views, what each person has seen. */
import { bigint, bigserial, boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { alert, person } from './schema.js';

const ms = (name: string) => bigint(name, { mode: 'number' });
const alertId = () =>
  text('alert_id')
    .notNull()
    .references(() => alert.id, { onDelete: 'cascade' });
const personId = () =>
  text('person_id')
    .notNull()
    .references(() => person.id);

/** Who did what to an alert; written in the transaction of the deed, never changed. */
export const alertEvent = pgTable(
  'alert_event',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    alertId: alertId(),
    at: ms('at').notNull(),
    /** Null where the clock or the model did it. No reference: what was done outlives who did it. */
    personId: text('person_id'),
    /** The person's name as it was. */
    by: text('by'),
    type: text('type').notNull(),
    /** The alert's version after it. */
    version: integer('version').notNull(),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull(),
    /** The columns that it changed, as they were: what an undo puts back. */
    before: jsonb('before').$type<Record<string, unknown>>(),
  },
  (table) => [index('alert_event_alert').on(table.alertId, table.id)],
);

export const alertMention = pgTable(
  'alert_mention',
  { personId: personId(), alertId: alertId(), at: ms('at').notNull() },
  (table) => [primaryKey({ columns: [table.personId, table.alertId] })],
);

export const savedView = pgTable(
  'saved_view',
  {
    id: text('id').primaryKey(),
    personId: personId(),
    name: text('name').notNull(),
    shared: boolean('shared').notNull(),
    search: text('search').notNull(),
    createdAt: ms('created_at').notNull(),
  },
  (table) => [uniqueIndex('saved_view_name').on(table.personId, table.name)],
);

/** Up to when a person has seen every alert that opened. */
export const seenMark = pgTable('seen_mark', { personId: personId().primaryKey(), upTo: ms('up_to').notNull() });

/** Alerts after that mark that the person has seen as well. */
export const alertSeen = pgTable('alert_seen', { personId: personId(), alertId: alertId(), at: ms('at').notNull() }, (table) => [
  primaryKey({ columns: [table.personId, table.alertId] }),
  index('alert_seen_latest').on(table.personId, table.at),
]);

/** Differences in the number of alerts, written by triggers on the table of alerts (alert-counts.ts). */
export const alertCount = pgTable('alert_count', {
  service: text('service').notNull(),
  kind: text('kind').notNull(),
  severity: text('severity').notNull(),
  state: text('state').notNull(),
  subjectType: text('subject_type').notNull(),
  alerts: ms('alerts').notNull(),
});
