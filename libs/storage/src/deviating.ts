/** Who and what deviates most: the unresolved alerts of the last day, put together by subject and by endpoint. */
import {
  type Alert,
  type Deviating,
  type EnforceableSubject,
  MAX_DEVIATING,
  type Severity,
  severities,
} from '@plimsoll/contracts';
import { and, asc, desc, gt, sql } from 'drizzle-orm';
import type { AlertClass } from './alert-counts.js';
import { listedColumns, toAlert } from './alert-queries.js';
import type { Database } from './database.js';
import { alert } from './schema.js';
import { type Within, withinServices } from './within.js';

const DAY_MS = 86_400_000;
/** The latest that are looked at, so that a flood of alerts costs no more than this. */
const LOOKED_AT = 2_000;

type Standing = Omit<Deviating['endpoints'][number], 'endpoint'>;

const rank = (severity: Severity): number => severities.indexOf(severity);
const timesOf = ({ observed, limit }: Alert): number => (limit > 0 ? observed / limit : 0);
const gravest = (a: Standing, b: Standing): number =>
  rank(b.severity) - rank(a.severity) || b.alerts - a.alerts || b.times - a.times || b.lastAt - a.lastAt;

function add(before: Standing | undefined, row: Alert): Standing {
  const own = { service: row.service, severity: row.severity, lastAt: row.lastAt, alertId: row.id };
  if (!before) return { ...own, alerts: 1, kinds: [row.kind], times: timesOf(row) };
  // Rows come latest first: of equals the one that is there is later.
  const graver = rank(row.severity) > rank(before.severity);
  return {
    ...before,
    ...(graver && { severity: row.severity, alertId: row.id }),
    alerts: before.alerts + 1,
    kinds: before.kinds.includes(row.kind) ? before.kinds : [...before.kinds, row.kind],
    times: Math.max(before.times, timesOf(row)),
  };
}

/** @param seen the walls, and which alerts count */
export async function readDeviating(
  db: Database,
  now: number,
  seen: { within: Within; alert: (one: AlertClass) => boolean },
): Promise<Deviating> {
  const rows = await db
    .select(listedColumns)
    .from(alert)
    .where(
      and(
        sql`${alert.state} in ('open', 'acknowledged')`,
        gt(alert.lastAt, now - DAY_MS),
        withinServices(alert.service, seen.within),
      ),
    )
    .orderBy(desc(alert.lastAt), asc(alert.id))
    .limit(LOOKED_AT);
  const subjects = new Map<string, Standing & { subject: EnforceableSubject }>();
  const endpoints = new Map<string, Standing & { endpoint: string }>();
  for (const row of rows.map(toAlert)) {
    const { service, subject, endpoint } = row;
    if (!seen.alert({ ...row, subjectType: subject.type })) continue;
    const about = JSON.stringify([service, subject.type, subject.id]);
    const { type, id } = subject;
    if (type !== 'endpoint' && type !== 'service') {
      subjects.set(about, { ...add(subjects.get(about), row), subject: { type, id } });
    }
    if (endpoint === null) continue;
    const where = JSON.stringify([service, endpoint]);
    endpoints.set(where, { ...add(endpoints.get(where), row), endpoint });
  }
  return {
    subjects: [...subjects.values()].sort(gravest).slice(0, MAX_DEVIATING),
    endpoints: [...endpoints.values()].sort(gravest).slice(0, MAX_DEVIATING),
  };
}
