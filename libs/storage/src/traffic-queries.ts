/** Traffic as people read it, from the minute roll-ups: the series of the charts, endpoint totals, the first screen. */
import {
  alertKinds,
  type Decision,
  type EndpointSummary,
  type Overview,
  type Severity,
  type SubjectType,
  severities,
  type TrafficPoint,
} from '@plimsoll/contracts';
import { and, asc, count, desc, eq, gte, lt, max, min, or, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { type AlertClass, countAlerts } from './alert-counts.js';
import type { Database } from './database.js';
import { inForce, standsAt } from './decisions.js';
import { decision, service, trafficMinute } from './schema.js';
import { type Within, withinServices } from './within.js';

const MINUTE_MS = 60_000;
/** Endpoints listed of one service; the quietest are left out. Templates are capped too, so this is rarely reached. */
const MAX_ENDPOINTS = 1_000;

export interface SeriesRange {
  within: Within;
  service?: string | undefined;
  endpoint?: string | undefined;
  minutes: number;
  bucketMinutes: number;
  /** Milliseconds; the last bucket is the one that holds it. */
  until: number;
}

const total = (column: PgColumn) => sql<number>`sum(${column})`.mapWith(Number);
const totals = {
  requests: total(trafficMinute.requests),
  errors: total(trafficMinute.errors),
  clientErrors: total(trafficMinute.clientErrors),
  throttled: total(trafficMinute.throttled),
  blocked: total(trafficMinute.blocked),
  durationMsMean: sql<number>`sum(${trafficMinute.durationMs}) / greatest(sum(${trafficMinute.requests}), 1)`.mapWith(Number),
};

/** Buckets oldest first, without gaps, aligned to whole `bucketMinutes` since the epoch. */
export async function trafficSeries(db: Database, range: SeriesRange): Promise<TrafficPoint[]> {
  const bucketMs = range.bucketMinutes * MINUTE_MS;
  const last = Math.floor(range.until / bucketMs) * bucketMs;
  const buckets = Math.ceil(range.minutes / range.bucketMinutes);
  const first = last - (buckets - 1) * bucketMs;
  const bucket = sql<number>`(${trafficMinute.minute} - mod(${trafficMinute.minute}, ${sql.raw(String(bucketMs))}))`.mapWith(
    Number,
  );
  const rows = await db
    .select({ ts: bucket, ...totals })
    .from(trafficMinute)
    .where(
      and(
        gte(trafficMinute.minute, first),
        lt(trafficMinute.minute, last + bucketMs),
        withinServices(trafficMinute.service, range.within),
        range.service === undefined ? undefined : eq(trafficMinute.service, range.service),
        range.endpoint === undefined ? undefined : eq(trafficMinute.endpoint, range.endpoint),
      ),
    )
    .groupBy(bucket);
  const found = new Map(rows.map((row) => [row.ts, row]));
  return Array.from({ length: buckets }, (_, i) => first + i * bucketMs)
    .filter((ts) => ts >= 0)
    .map((ts) => found.get(ts) ?? { ts, requests: 0, errors: 0, clientErrors: 0, throttled: 0, blocked: 0, durationMsMean: 0 });
}

/** Busiest first, over everything that the roll-ups still hold. */
export async function listEndpoints(db: Database, serviceId: string): Promise<EndpointSummary[]> {
  return db
    .select({
      endpoint: trafficMinute.endpoint,
      ...totals,
      firstAt: min(trafficMinute.minute).mapWith(Number),
      lastAt: max(trafficMinute.minute).mapWith(Number),
    })
    .from(trafficMinute)
    .where(eq(trafficMinute.service, serviceId))
    .groupBy(trafficMinute.endpoint)
    .orderBy(desc(totals.requests), asc(trafficMinute.endpoint))
    .limit(MAX_ENDPOINTS) as Promise<EndpointSummary[]>;
}

/**
 * Names alone, by the alphabet. From each name the primary key leads to the next one, so that the roll-ups of five weeks, thousands
 * a name, are not read for it.
 */
export async function endpointNames(db: Database, serviceId: string): Promise<string[]> {
  const { rows } = await db.execute<{ endpoint: string }>(sql`
    with recursive name(endpoint) as (
      (select endpoint from traffic_minute where service = ${serviceId} order by endpoint limit 1)
      union all
      select (
        select later.endpoint from traffic_minute later
        where later.service = ${serviceId} and later.endpoint > name.endpoint
        order by later.endpoint limit 1
      ) from name where name.endpoint is not null
    )
    select endpoint from name where endpoint is not null limit ${MAX_ENDPOINTS}`);
  return rows.map(({ endpoint }) => endpoint);
}

/** Decisions that are alike to the access policy, which says of each whether it counts. */
export type DecisionClass = Pick<Decision, 'service' | 'action' | 'mode'> & { subjectType: SubjectType; byPerson: boolean };
export interface Counted {
  within: Within;
  alert: (one: AlertClass) => boolean;
  decision: (one: DecisionClass) => boolean;
}

/** Counts of the first screen; `throttled`, `challenged` and `blocked` count the decisions in force. */
export async function readOverview(db: Database, now: number, counted: Counted): Promise<Overview> {
  const [allAlerts, allDecisions, services] = await Promise.all([
    countAlerts(db, counted.within),
    decisionClasses(db, counted.within, now),
    lastMinute(db, counted.within, now),
  ]);
  const alerts = allAlerts.filter((row) => counted.alert(row));
  const decisions = allDecisions.filter((row) => counted.decision(row as DecisionClass));
  const alertsWhere = (matches: (row: (typeof alerts)[number]) => boolean) =>
    alerts.filter(matches).reduce((sum, row) => sum + row.alerts, 0);
  const decisionsOf = (mode: string, action?: string) =>
    decisions
      .filter((row) => row.mode === mode && (action === undefined || row.action === action))
      .reduce((sum, row) => sum + row.decisions, 0);
  const open = (row: (typeof alerts)[number]) => row.state === 'open';
  return {
    openAlerts: alertsWhere(open),
    acknowledgedAlerts: alertsWhere((row) => row.state === 'acknowledged'),
    throttled: decisionsOf('enforced', 'throttle'),
    challenged: decisionsOf('enforced', 'challenge'),
    blocked: decisionsOf('enforced', 'block'),
    pending: decisionsOf('pending'),
    bySeverity: bySeverity(alerts.filter(open)),
    byKind: alertKinds
      .map((kind) => ({ kind, bySeverity: bySeverity(alerts.filter((row) => open(row) && row.kind === kind)) }))
      .filter((row) => Object.values(row.bySeverity).some((count) => count > 0)),
    services: services.map((row) => ({ ...row, openAlerts: alertsWhere((other) => open(other) && other.service === row.id) })),
  };
}

function bySeverity(rows: readonly (AlertClass & { alerts: number })[]): Record<Severity, number> {
  const of = (severity: Severity) => rows.reduce((sum, row) => sum + (row.severity === severity ? row.alerts : 0), 0);
  return Object.fromEntries(severities.map((severity) => [severity, of(severity)])) as Record<Severity, number>;
}

/** Of what stands, enforced or pending. */
function decisionClasses(db: Database, within: Within, now: number) {
  const { service: of, action, mode, subjectType, origin } = decision;
  const byPerson = sql<boolean>`(${origin} ->> 'type') = 'person'`;
  return db
    .select({ service: of, action, mode, subjectType, byPerson, decisions: count() })
    .from(decision)
    .where(and(or(inForce(now), and(eq(mode, 'pending'), standsAt(now))), withinServices(of, within)))
    .groupBy(of, action, mode, subjectType, byPerson);
}

/**
 * Requests of each service in the last 60 s. Roll-ups know whole minutes only, so the minute before counts with the share
 * of it that still lies within the 60 s.
 */
async function lastMinute(db: Database, within: Within, now: number): Promise<{ id: string; requestsLastMinute: number }[]> {
  const current = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const share = 1 - (now - current) / MINUTE_MS;
  const weight = sql`case when ${trafficMinute.minute} >= ${current}::bigint then 1 else ${share}::float8 end`;
  return db
    .select({
      id: service.id,
      requestsLastMinute: sql<number>`coalesce(round(sum(${trafficMinute.requests} * ${weight})), 0)`.mapWith(Number),
    })
    .from(service)
    .leftJoin(trafficMinute, and(eq(trafficMinute.service, service.id), gte(trafficMinute.minute, current - MINUTE_MS)))
    .where(withinServices(service.id, within))
    .groupBy(service.id)
    .orderBy(asc(service.id));
}
