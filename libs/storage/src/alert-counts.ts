/**
 * How many alerts stand in which state, kept by triggers (migrations) as differences that are only ever added, so that
 * workers never wait for each other at a counter; folding them up keeps the sum short. Nothing here scans the alerts.
 */
import type { Alert, AlertCounts, AlertState, SubjectType } from '@plimsoll/contracts';
import { sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { alertCount } from './schema-triage.js';
import { type Within, withinServices } from './within.js';

/** Alerts that are alike to the access policy, which says of each class whether it counts. */
export type AlertClass = Pick<Alert, 'service' | 'kind' | 'severity' | 'state'> & { subjectType: SubjectType };

/** Unresolved alerts, class by class. */
export async function countAlerts(db: Database, within: Within): Promise<(AlertClass & { alerts: number })[]> {
  const { service, kind, severity, state, subjectType } = alertCount;
  const rows = await db
    .select({ service, kind, severity, state, subjectType, alerts: sql<number>`sum(${alertCount.alerts})`.mapWith(Number) })
    .from(alertCount)
    .where(withinServices(service, within))
    .groupBy(service, kind, severity, state, subjectType);
  return rows as (AlertClass & { alerts: number })[];
}

/** @param counted the walls, and which classes count. */
export async function countQueue(
  db: Database,
  counted: { within: Within; alert: (one: AlertClass) => boolean },
): Promise<AlertCounts> {
  const rows = (await countAlerts(db, counted.within)).filter(counted.alert);
  const of = (state: AlertState) => rows.reduce((sum, row) => sum + (row.state === state ? row.alerts : 0), 0);
  return { open: of('open'), acknowledged: of('acknowledged'), snoozed: of('snoozed') };
}

/** Adds up the differences so far; what is written meanwhile is left for the next time. @returns how many rows went. */
export async function foldAlertCounts(db: Database): Promise<number> {
  const { rows } = await db.execute<{ gone: string }>(sql`
    with gone as (delete from alert_count returning service, kind, severity, state, subject_type, alerts),
    added as (
      insert into alert_count (service, kind, severity, state, subject_type, alerts)
      select service, kind, severity, state, subject_type, sum(alerts) from gone group by 1, 2, 3, 4, 5 having sum(alerts) <> 0
      returning 1
    )
    select (select count(*) from gone) - (select count(*) from added) as gone`);
  return Number(rows[0]?.gone ?? 0);
}
