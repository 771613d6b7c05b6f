/** Tables of the access policy: the customer's own policies with every version of each, and the cases that they must keep. */
import { bigint, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

const ms = (name: string) => bigint(name, { mode: 'number' });

export const accessPolicy = pgTable('access_policy', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  text: text('text').notNull(),
  version: integer('version').notNull(),
  changedAt: ms('changed_at').notNull(),
  changedBy: text('changed_by').notNull(),
});

/** What a policy was at each of its versions; `text` is null where it was removed. */
export const accessPolicyVersion = pgTable(
  'access_policy_version',
  {
    policyId: text('policy_id').notNull(),
    version: integer('version').notNull(),
    name: text('name').notNull(),
    text: text('text'),
    at: ms('at').notNull(),
    by: text('by').notNull(),
    personId: text('person_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.policyId, table.version] })],
);

/** One row: raised with every change of the set, under its lock, so that changes have one order and processes notice. */
export const accessPolicySet = pgTable('access_policy_set', {
  id: integer('id').primaryKey(),
  version: ms('version').notNull(),
});

export const accessCase = pgTable('access_case', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  request: jsonb('request').notNull(),
  /** allow, deny */
  expected: text('expected').notNull(),
  createdAt: ms('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
