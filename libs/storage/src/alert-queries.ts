/** Alerts as people read them: the list, one in full, what is related to it. (What people do to them: alert-triage.ts.) */
import type {
  Alert,
  AlertDetail,
  AlertKind,
  AlertRequest,
  AlertState,
  AlertVerdict,
  RequestLog,
  Severity,
  SubjectType,
} from '@plimsoll/contracts';
import { severitySteps } from '@plimsoll/detection';
import {
  aliasedTable,
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNull,
  lt,
  ne,
  notExists,
  or,
  sql,
} from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/pg-core';
import { heldAddress } from './addresses.js';
import { behind, type Cursor, type Page, toPage } from './cursors.js';
import type { Database, Transaction } from './database.js';
import { toDecision } from './decisions.js';
import { alert, alertRequest, decision } from './schema.js';
import { alertEvent, alertMention } from './schema-triage.js';
import { type Within, withinServices } from './within.js';

export interface AlertFilter {
  within: Within;
  service?: string | undefined;
  state?: AlertState[] | undefined;
  kind?: AlertKind[] | undefined;
  severity?: Severity[] | undefined;
  /** A part of the subject's id, literally: no wildcards. */
  subject?: string | undefined;
  /** Exactly this one. */
  subjectType?: SubjectType | undefined;
  subjectId?: string | undefined;
  /** Exactly this one: where it was, or whom it is about. */
  endpoint?: string | undefined;
  /** A part of subject, endpoint or explanation, literally, in whatever case. */
  text?: string | undefined;
  /** A person's id, or `none`. */
  assignee?: string | undefined;
  /** Id of a person whom a comment mentions. */
  mentions?: string | undefined;
  /** Of those, the unresolved ones that the person has done and said nothing to since; whoever mentions himself has said it. */
  unanswered?: boolean | undefined;
  campaign?: string | undefined;
  group?: 'campaign' | undefined;
  /** Last active at or after, and before. */
  since?: number | undefined;
  before?: number | undefined;
  cursor?: Cursor | undefined;
  limit: number;
}

/** Requests and decisions shown with an alert. */
const DETAIL_REQUESTS = 100;
const DETAIL_DECISIONS = 50;
const RELATED = 50;

type Row = typeof alert.$inferSelect;

/** A list does without what can be large. */
const { points: _points, actors: _actors, addresses: _addresses, ...columns } = getTableColumns(alert);
export const listedColumns = columns;

/** What people and pages see of a row; columns of the model's own are left out. */
export function toAlert(row: Omit<Row, 'points' | 'actors' | 'addresses'> & Partial<Row>): Alert {
  const { points, actors, addresses, episode, episodeCount, heededAt, reach, verified, subjectType, subjectId, ...rest } = row;
  const { assigneeId, assigneeName, campaign, ...seen } = rest;
  return {
    ...seen,
    kind: seen.kind as AlertKind,
    severity: seen.severity as Severity,
    subject: { type: subjectType as SubjectType, id: subjectId },
    endpoint: seen.endpoint === '' ? null : seen.endpoint,
    state: seen.state as AlertState,
    verdict: seen.verdict as AlertVerdict | null,
    assignee: assigneeId === null ? null : { id: assigneeId, name: assigneeName ?? assigneeId },
    campaign: campaign === '' ? null : campaign,
  };
}

/** The partial index of the queue is used where its predicate stands literally in the query. */
const inState = (states: AlertState[] | undefined) => {
  if (states === undefined) return undefined;
  const queued = states.length === 2 && states.includes('open') && states.includes('acknowledged');
  return queued ? sql`${alert.state} in ('open', 'acknowledged')` : inArray(alert.state, states);
};

const assignedTo = (assignee: string | undefined) => {
  if (assignee === undefined) return undefined;
  return assignee === 'none' ? isNull(alert.assigneeId) : eq(alert.assigneeId, assignee);
};

const readable = sql`lower(${alert.subjectId} || ' ' || ${alert.endpoint} || ' ' || ${alert.explanation})`;

const onEndpoint = (endpoint: string) =>
  or(eq(alert.endpoint, endpoint), and(eq(alert.subjectType, 'endpoint'), eq(alert.subjectId, endpoint)));

function mentioning(person: string, unanswered: boolean | undefined) {
  const answered = sql`exists (select 1 from ${alertEvent} where ${alertEvent.alertId} = ${alertMention.alertId}
    and ${alertEvent.personId} = ${person} and ${alertEvent.at} >= ${alertMention.at})`;
  return sql`exists (select 1 from ${alertMention} where ${alertMention.alertId} = ${alert.id}
    and ${alertMention.personId} = ${person} ${unanswered ? sql`and ${alert.state} <> 'resolved' and not ${answered}` : sql``})`;
}

/** Alone, or its campaign's alert is not in these states and would not stand for it. */
function standsAlone(states: AlertState[] | undefined) {
  const leader = aliasedTable(alert, 'leader');
  const listed = states && inArray(leader.state, states);
  return or(
    eq(alert.campaign, ''),
    notExists(
      new QueryBuilder()
        .select({ one: sql`1` })
        .from(leader)
        .where(and(eq(leader.id, alert.campaign), listed)),
    ),
  );
}

const matching = (filter: AlertFilter) =>
  and(
    withinServices(alert.service, filter.within),
    filter.service === undefined ? undefined : eq(alert.service, filter.service),
    inState(filter.state),
    filter.kind && inArray(alert.kind, filter.kind),
    filter.severity && inArray(alert.severity, filter.severity),
    filter.subject === undefined ? undefined : sql`strpos(${alert.subjectId}, ${filter.subject}) > 0`,
    filter.subjectType && eq(alert.subjectType, filter.subjectType),
    filter.subjectId === undefined ? undefined : eq(alert.subjectId, filter.subjectId),
    filter.endpoint === undefined ? undefined : onEndpoint(filter.endpoint),
    filter.text === undefined ? undefined : sql`strpos(${readable}, ${filter.text.toLowerCase()}) > 0`,
    assignedTo(filter.assignee),
    filter.mentions === undefined ? undefined : mentioning(filter.mentions, filter.unanswered),
    filter.campaign === undefined ? undefined : and(eq(alert.campaign, filter.campaign), ne(alert.campaign, '')),
    filter.group === undefined ? undefined : standsAlone(filter.state),
    filter.since === undefined ? undefined : gte(alert.lastAt, filter.since),
    filter.before === undefined ? undefined : lt(alert.lastAt, filter.before),
  );

/** Latest activity first. */
export async function listAlerts(db: Database, filter: AlertFilter): Promise<Page<Alert>> {
  const { cursor, limit } = filter;
  const rows = await db
    .select(listedColumns)
    .from(alert)
    .where(and(matching(filter), behind(cursor, alert.lastAt, alert.id)))
    .orderBy(desc(alert.lastAt), asc(alert.id))
    .limit(limit + 1);
  return toPage(rows, limit, toAlert, (row) => ({ at: row.lastAt, id: row.id }));
}

/**
 * Alerts of low and medium severity that opened since then, by service: what the alert budget is measured by. Confirmed
 * attacks are no noise, and those of an old file are nobody's queue of today.
 */
export async function countOpened(db: Database, since: number): Promise<Map<string, number>> {
  const noise = and(
    gt(alert.firstAt, since),
    inArray(alert.severity, ['low', 'medium']),
    eq(alert.historical, false),
    sql`${alert.verdict} is distinct from 'true-positive'`,
  );
  const rows = await db.select({ service: alert.service, opened: count() }).from(alert).where(noise).groupBy(alert.service);
  return new Map(rows.map(({ service, opened }) => [service, opened]));
}

/** One alert without its chart and requests. */
export async function findAlert(db: Database | Transaction, id: string): Promise<Alert | undefined> {
  const [row] = await db.select().from(alert).where(eq(alert.id, id));
  return row && toAlert(row);
}

/** Alerts of the same campaign or about the same subject, latest activity first; undefined where there is no such alert. */
export async function relatedAlerts(db: Database, id: string): Promise<Alert[] | undefined> {
  const [row] = await db.select(listedColumns).from(alert).where(eq(alert.id, id));
  if (row === undefined) return undefined;
  const about = and(eq(alert.service, row.service), eq(alert.subjectType, row.subjectType), eq(alert.subjectId, row.subjectId));
  const head = row.campaign === '' ? row.id : row.campaign;
  const together = or(eq(alert.id, head), and(eq(alert.campaign, head), ne(alert.campaign, '')));
  const rows = await db
    .select(listedColumns)
    .from(alert)
    .where(and(ne(alert.id, id), or(about, together)))
    .orderBy(desc(alert.lastAt), asc(alert.id))
    .limit(RELATED);
  return rows.map(toAlert);
}

/** Those of these alerts that there are, without charts and requests, in no order. */
export async function findAlerts(db: Database, ids: readonly string[]): Promise<Alert[]> {
  if (ids.length === 0) return [];
  return (
    await db
      .select(listedColumns)
      .from(alert)
      .where(inArray(alert.id, [...ids]))
  ).map(toAlert);
}

/** The alert, its chart, its latest requests (oldest last) and what was decided because of it or about its subject, newest first. */
export async function readAlert(db: Database, id: string): Promise<AlertDetail | undefined> {
  const [row] = await db.select().from(alert).where(eq(alert.id, id));
  if (row === undefined) return undefined;
  const [requests, decisions] = await Promise.all([
    db.select().from(alertRequest).where(eq(alertRequest.alertId, id)).orderBy(desc(alertRequest.ts)).limit(DETAIL_REQUESTS),
    db
      .select()
      .from(decision)
      .where(
        and(
          eq(decision.service, row.service),
          or(
            // Of an account that was only claimed, somebody else is held: see `enforceableSubject`.
            eq(decision.alertId, id),
            and(
              eq(decision.subjectType, row.subjectType),
              inArray(decision.subjectId, [row.subjectId, heldAddress(row.subjectId)]),
            ),
          ),
        ),
      )
      .orderBy(desc(decision.createdAt), asc(decision.id))
      .limit(DETAIL_DECISIONS),
  ]);
  return {
    alert: toAlert(row),
    actors: row.actors,
    addresses: row.addresses,
    points: row.points,
    severitySteps: severitySteps(row.kind as AlertKind),
    requests: requests.map(({ endpoint, log }) => toAlertRequest(log, endpoint)),
    decisions: decisions.map(toDecision),
  };
}

function toAlertRequest(log: RequestLog, endpoint: string): AlertRequest {
  const { id, ts, method, path, status, durationMs, bytesOut, ip, userAgent, verdict } = log;
  return { id, ts, method, path, endpoint, status, durationMs, bytesOut, ip, userAgent, actor: log.actor ?? null, verdict };
}
