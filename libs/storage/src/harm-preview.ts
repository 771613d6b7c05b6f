/** Harm preview: whom the history says would have been refused, put beside what people found of them in the records. */
import {
  type AlertKind,
  type AlertVerdict,
  type EnforceableSubject,
  type HarmPreview,
  type HarmQuestion,
  type HarmVerdict,
  MAX_HARMED,
} from '@plimsoll/contracts';
import { and, eq, gt, gte, lt, lte, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { countRequests, type Hit, readHarm } from './history/harm.js';
import type { History } from './history/history.js';
import { alert } from './schema.js';
import { historyGap } from './schema-history.js';

/** The first that applies says it of a subject with several alerts: an attack is an attack, whatever else was found. */
const GRAVEST: HarmVerdict[] = ['true-positive', 'open', 'expected-change', 'false-positive'];

interface Found {
  verdict: HarmVerdict;
  kinds: AlertKind[];
}
const NOTHING: Found = { verdict: 'none', kinds: [] };

/** @throws what the stores throw; a {@link History} that is away among it. */
export async function previewHarm(
  { db, history }: { db: Database; history: History },
  span: { service: string; from: number; to: number },
  would: HarmQuestion,
): Promise<HarmPreview> {
  const { hits, total, refused } = await readHarm(history, span, would);
  const shown = hits.slice(0, MAX_HARMED);
  const [found, requests, missing] = await Promise.all([
    findingsOf(db, span, hits),
    countRequests(
      history,
      span,
      shown.map(({ subject }) => subject),
    ),
    missingOf(db, span),
  ]);
  const of = ({ id }: EnforceableSubject) => found.get(id) ?? NOTHING;
  const verdicts: Partial<Record<HarmVerdict, number>> = {};
  for (const { subject } of hits) verdicts[of(subject).verdict] = (verdicts[of(subject).verdict] ?? 0) + 1;
  return {
    from: span.from,
    to: span.to,
    subjects: shown.map((hit) => ({
      ...hit,
      requests: Math.max(hit.refused, requests.of.get(hit.subject.id) ?? 0),
      ...of(hit.subject),
    })),
    total,
    verdicts,
    refused,
    requests: requests.all,
    missing,
  };
}

/** What alerts of that time say of these subjects, by id. */
async function findingsOf(
  db: Database,
  { service, from, to }: { service: string; from: number; to: number },
  hits: readonly Hit[],
): Promise<Map<string, Found>> {
  const type = hits[0]?.subject.type;
  if (type === undefined) return new Map();
  const ids = sql`${alert.subjectId} = any(${sql.param(hits.map(({ subject }) => subject.id))}::text[])`;
  const rows = await db
    .select({ id: alert.subjectId, kind: alert.kind, verdict: alert.verdict })
    .from(alert)
    .where(and(eq(alert.service, service), eq(alert.subjectType, type), ids, gte(alert.lastAt, from), lt(alert.firstAt, to)));
  const found = new Map<string, Found>();
  for (const { id, kind, verdict } of rows) {
    const known = found.get(id) ?? NOTHING;
    const said: HarmVerdict = (verdict as AlertVerdict | null) ?? 'open';
    const graver = known.verdict === 'none' || GRAVEST.indexOf(said) < GRAVEST.indexOf(known.verdict);
    found.set(id, {
      verdict: graver ? said : known.verdict,
      kinds: [...new Set([...known.kinds, kind as AlertKind])].sort(),
    });
  }
  return found;
}

async function missingOf(db: Database, { service, from, to }: { service: string; from: number; to: number }): Promise<number> {
  const [row] = await db
    .select({ requests: sql<number>`coalesce(sum(${historyGap.requests}), 0)`.mapWith(Number) })
    .from(historyGap)
    .where(and(eq(historyGap.service, service), lte(historyGap.fromTs, to), gt(historyGap.toTs, from)));
  return row?.requests ?? 0;
}
