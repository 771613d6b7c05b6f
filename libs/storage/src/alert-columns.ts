/** Columns of the table of alerts that tell what people made of it, apart from what the model found (schema.ts). */
import type { Alert } from '@plimsoll/contracts';
import { sql } from 'drizzle-orm';
import { bigint, boolean, type ExtraConfigColumn, index, integer, jsonb, text } from 'drizzle-orm/pg-core';

export const triageColumns = {
  /** Counts what people and the clock did. */
  version: integer('version').notNull().default(0),
  /** When it opens again by itself; the sweep looks for these. */
  until: bigint('until', { mode: 'number' }),
  snooze: jsonb('snooze').$type<NonNullable<Alert['snooze']>>(),
  assigneeId: text('assignee_id'),
  /** As it was when it was assigned. */
  assigneeName: text('assignee_name'),
  /** The alert about the campaign that its subject takes part in; empty where there is none. */
  campaign: text('campaign').notNull().default(''),
  /** More than one actor or address took part: others may belong to it. */
  leads: boolean('leads').notNull().default(false),
};

type Indexed = Record<'lastAt' | 'id' | 'until' | 'assigneeId' | 'campaign' | 'service', ExtraConfigColumn>;

/** What the queue, its filters and the sweep read by. The predicates stand literally in the queries that use them. */
export const triageIndexes = ({ lastAt, id, until, assigneeId, campaign, service }: Indexed) => [
  index('alert_queue').on(lastAt.desc(), id).where(sql`state in ('open', 'acknowledged')`),
  index('alert_due').on(until).where(sql`until is not null`),
  index('alert_assignee').on(assigneeId, lastAt.desc()).where(sql`assignee_id is not null`),
  index('alert_campaign').on(campaign).where(sql`campaign <> ''`),
  index('alert_leads').on(service, lastAt.desc()).where(sql`leads and state <> 'resolved'`),
];
