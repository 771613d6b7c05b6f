/**
 * Whom and what the records know by a part of their names: endpoints of the last week's roll-ups, and subjects of alerts and
 * decisions. What a caller may not see is left out before anything is counted, so that no name is told by its being found.
 */
import type { AlertKind, AlertState, Decision, Found, Severity, SubjectType } from '@plimsoll/contracts';
import { and, count, desc, gte, max, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { AlertClass } from './alert-counts.js';
import type { Database } from './database.js';
import { alert, decision, trafficMinute } from './schema.js';
import type { DecisionClass } from './traffic-queries.js';
import { type Within, withinServices } from './within.js';

const WEEK_MS = 7 * 86_400_000;
/** Rows of each kind that are looked at: a text that is part of more than that is too short to find anybody by. */
const MOST = 400;
/** Newest alerts, and decisions, that are looked through: no index finds a part of a name, and a search must not read years. */
const NEWEST = 50_000;

export interface Searched {
  within: Within;
  alert: (one: AlertClass) => boolean;
  decision: (one: DecisionClass) => boolean;
}

/** A part of a name, literally and in whatever case. */
const holds = (column: PgColumn, text: string) => sql`strpos(lower(${column}), ${text.toLowerCase()}) > 0`;

/** @param now milliseconds since the epoch. @returns in no order. */
export async function searchSubjects(db: Database, text: string, seen: Searched, now: number): Promise<Found[]> {
  const [endpoints, alerts, decisions] = await Promise.all([
    endpointsNamed(db, text, seen.within, now),
    alertsAbout(db, text, seen.within),
    decisionsAbout(db, text, seen.within),
  ]);
  const found = new Map<string, Found>();
  const note = (type: SubjectType, id: string, service: string, lastAt: number, more: Partial<Found> = {}) => {
    const key = JSON.stringify([service, type, id]);
    const before = found.get(key) ?? { type, id, service, alerts: 0, decisions: 0, lastAt: null };
    const newest = Math.max(before.lastAt ?? 0, lastAt);
    const sums = { alerts: before.alerts + (more.alerts ?? 0), decisions: before.decisions + (more.decisions ?? 0) };
    found.set(key, { ...before, ...sums, lastAt: newest });
  };
  for (const { endpoint, service, lastAt } of endpoints) note('endpoint', endpoint, service, lastAt);
  for (const { id, many, lastAt, ...row } of alerts) {
    const one = row as typeof row & { kind: AlertKind; severity: Severity; state: AlertState; subjectType: SubjectType };
    if (seen.alert(one)) note(one.subjectType, id, one.service, lastAt, { alerts: many });
  }
  for (const { id, many, lastAt, ...row } of decisions) {
    const one = row as typeof row & Pick<Decision, 'action' | 'mode'> & { subjectType: SubjectType };
    if (seen.decision(one)) note(one.subjectType, id, one.service, lastAt, { decisions: many });
  }
  return [...found.values()];
}

function endpointsNamed(db: Database, text: string, within: Within, now: number) {
  const { service, endpoint, minute } = trafficMinute;
  const lastAt = max(minute).mapWith(Number);
  return db
    .select({ service, endpoint, lastAt })
    .from(trafficMinute)
    .where(and(withinServices(service, within), gte(minute, now - WEEK_MS), holds(endpoint, text)))
    .groupBy(service, endpoint)
    .orderBy(desc(lastAt))
    .limit(MOST) as Promise<{ service: string; endpoint: string; lastAt: number }[]>;
}

function alertsAbout(db: Database, text: string, within: Within) {
  const newest = db
    .select()
    .from(alert)
    .where(withinServices(alert.service, within))
    .orderBy(desc(alert.lastAt), alert.id)
    .limit(NEWEST)
    .as('newest');
  const { service, kind, severity, state, subjectType, subjectId } = newest;
  const lastAt = max(newest.lastAt).mapWith(Number);
  const row = { service, kind, severity, state, subjectType, id: subjectId, many: count(), lastAt };
  return db
    .select(row)
    .from(newest)
    .where(holds(subjectId, text))
    .groupBy(service, kind, severity, state, subjectType, subjectId)
    .orderBy(desc(lastAt))
    .limit(MOST) as Promise<{ [K in keyof typeof row]: K extends 'many' | 'lastAt' ? number : string }[]>;
}

function decisionsAbout(db: Database, text: string, within: Within) {
  const newest = db
    .select()
    .from(decision)
    .where(withinServices(decision.service, within))
    .orderBy(desc(decision.createdAt), decision.id)
    .limit(NEWEST)
    .as('newest');
  const { service, action, mode, subjectType, subjectId, origin } = newest;
  const lastAt = max(newest.createdAt).mapWith(Number);
  const byPerson = sql<boolean>`(${origin} ->> 'type') = 'person'`;
  return db
    .select({ service, action, mode, subjectType, byPerson, id: subjectId, many: count(), lastAt })
    .from(newest)
    .where(holds(subjectId, text))
    .groupBy(service, action, mode, subjectType, byPerson, subjectId)
    .orderBy(desc(lastAt))
    .limit(MOST) as Promise<
    {
      service: string;
      action: string;
      mode: string;
      subjectType: string;
      byPerson: boolean;
      id: string;
      many: number;
      lastAt: number;
    }[]
  >;
}
