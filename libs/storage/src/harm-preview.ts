/** Harm preview: whom the history says would have been refused, put beside what people found of them in the records. */
import {
  type AlertKind,
  type AlertVerdict,
  type EnforceableSubject,
  type Harmed,
  type HarmPreview,
  type HarmQuestion,
  type HarmVerdict,
  MAX_HARMED,
} from '@plimsoll/contracts';
import { and, eq, gte, lt, or, sql } from 'drizzle-orm';
import { heldAddress } from './addresses.js';
import type { Database } from './database.js';
import { missingIn } from './history/gaps.js';
import { countRequests, type Hit, readHarm, readUsersHarmed } from './history/harm.js';
import type { History } from './history/history.js';
import { alert } from './schema.js';

/** The first that applies says it of a subject with several alerts: an attack is an attack, whatever else was found. */
const GRAVEST: HarmVerdict[] = ['true-positive', 'open', 'expected-change', 'false-positive'];

interface Found {
  verdict: HarmVerdict;
  kinds: AlertKind[];
}
const NOTHING: Found = { verdict: 'none', kinds: [] };

interface Span {
  service: string;
  from: number;
  to: number;
}
interface Stores {
  db: Database;
  history: History;
}

/** @throws what the stores throw; a {@link History} that is away among it. */
export async function previewHarm(stores: Stores, span: Span, would: HarmQuestion): Promise<HarmPreview> {
  const { hits, total, refused } = await readHarm(stores.history, span, would);
  const [harmed, users, missing] = await Promise.all([
    harmedOf(stores, span, hits, total),
    usersOf(stores, span, would),
    missingIn(stores.db, span),
  ]);
  const { requests, ...judged } = harmed;
  return { from: span.from, to: span.to, ...judged, users, refused, requests, missing };
}

/** Of a user itself there is nobody behind it, and whom a limit hits are many. */
async function usersOf(stores: Stores, span: Span, would: HarmQuestion): Promise<Harmed | null> {
  if (would.type !== 'decision' || would.subject.type === 'actor') return null;
  const { hits, total } = await readUsersHarmed(stores.history, span, would);
  const { requests: _, ...harmed } = await harmedOf(stores, span, hits, total);
  return harmed;
}

/** With what people found of them, and how many requests there were of all. */
async function harmedOf(
  { db, history }: Stores,
  span: Span,
  hits: readonly Hit[],
  total: number,
): Promise<Harmed & { requests: number }> {
  const shown = hits.slice(0, MAX_HARMED);
  const [found, requests] = await Promise.all([
    findingsOf(db, span, hits),
    countRequests(
      history,
      span,
      shown.map(({ subject }) => subject),
    ),
  ]);
  const of = ({ id }: EnforceableSubject) => found.get(id) ?? NOTHING;
  const verdicts: Partial<Record<HarmVerdict, number>> = {};
  for (const { subject } of hits) verdicts[of(subject).verdict] = (verdicts[of(subject).verdict] ?? 0) + 1;
  return {
    subjects: shown.map((hit) => ({
      ...hit,
      requests: Math.max(hit.refused, requests.of.get(hit.subject.id) ?? 0),
      ...of(hit.subject),
    })),
    total,
    verdicts,
    requests: requests.all,
  };
}

/** Alerts tell addresses one by one, hits the network of each (addresses.ts). `case`, so that no other text is cast. */
const isWithin = (networks: readonly string[]) => sql`case when ${alert.subjectId} like '%:%'
  then network(set_masklen(${alert.subjectId}::inet, 64))::inet = any(${sql.param(networks)}::inet[]) else false end`;

/** What alerts of that time say of these subjects, by id; of a network those of every address in it. */
async function findingsOf(
  db: Database,
  { service, from, to }: { service: string; from: number; to: number },
  hits: readonly Hit[],
): Promise<Map<string, Found>> {
  const type = hits[0]?.subject.type;
  if (type === undefined) return new Map();
  const ids = hits.map(({ subject }) => subject.id);
  const named = sql`${alert.subjectId} = any(${sql.param(ids)}::text[])`;
  const networks = type === 'address' ? ids.filter((id) => id.includes('/')) : [];
  const about = networks.length > 0 ? or(named, isWithin(networks)) : named;
  const rows = await db
    .selectDistinct({ subjectId: alert.subjectId, kind: alert.kind, verdict: alert.verdict })
    .from(alert)
    .where(and(eq(alert.service, service), eq(alert.subjectType, type), about, gte(alert.lastAt, from), lt(alert.firstAt, to)));
  const found = new Map<string, Found>();
  for (const { subjectId, kind, verdict } of rows) {
    const id = networks.length > 0 ? heldAddress(subjectId) : subjectId;
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
