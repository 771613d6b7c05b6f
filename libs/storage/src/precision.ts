/**
 * How right each kind of each service was, by people's verdicts, and which kinds are demoted because of it. What is judged is
 * counted anew from the alerts each time, so that nothing is missed by an outage; only the demotions themselves are kept.
 */
import type { AlertKind, AlertVerdict } from '@plimsoll/contracts';
import {
  budgetStretch,
  type Judgements,
  judgePrecision,
  PRECISION_DAYS,
  PRECISION_FLOOR,
  precisionOf,
} from '@plimsoll/detection';
import { and, count, eq, gt, isNotNull, isNull, max, sql } from 'drizzle-orm';
import { recordAudit } from './audit.js';
import type { Database, Transaction } from './database.js';
import { alert } from './schema.js';
import { kindDemotion } from './schema-precision.js';

const DAY_MS = 86_400_000;

export interface KindCounts extends Judgements {
  service: string;
  kind: AlertKind;
  expected: number;
}

export interface Demotion extends Judgements {
  service: string;
  kind: AlertKind;
  demotedAt: number;
}

/**
 * Verdicts of the last {@link PRECISION_DAYS} by service and kind, those of old files left out. Of a kind that a person has
 * restored, only what was said since counts: that word is not undone by the verdicts that it was about.
 * @param only one service; absent: all
 */
export async function countVerdicts(db: Database | Transaction, now: number, only?: string): Promise<KindCounts[]> {
  const word = db
    .select({
      service: kindDemotion.service,
      kind: kindDemotion.kind,
      at: max(kindDemotion.restoredAt).as('word_at'),
    })
    .from(kindDemotion)
    .where(isNotNull(kindDemotion.restoredBy))
    .groupBy(kindDemotion.service, kindDemotion.kind)
    .as('word');
  const { service, kind, verdict } = alert;
  const rows = await db
    .select({ service, kind, verdict, alerts: count() })
    .from(alert)
    .leftJoin(word, and(eq(word.service, service), eq(word.kind, kind)))
    .where(
      and(
        isNotNull(verdict),
        eq(alert.historical, false),
        sql`${alert.resolvedAt} > greatest(${now - PRECISION_DAYS * DAY_MS}::bigint, coalesce(${word.at}, 0))`,
        only === undefined ? undefined : eq(service, only),
      ),
    )
    .groupBy(service, kind, verdict);
  const counts = new Map<string, KindCounts>();
  for (const row of rows) {
    const key = `${row.service} ${row.kind}`;
    const none = { service: row.service, kind: row.kind as AlertKind, confirmed: 0, falseAlarms: 0, expected: 0 };
    const known = counts.get(key) ?? none;
    known[fieldOf[row.verdict as AlertVerdict]] += row.alerts;
    counts.set(key, known);
  }
  return [...counts.values()];
}

const fieldOf = { 'true-positive': 'confirmed', 'false-positive': 'falseAlarms', 'expected-change': 'expected' } as const;

/** Those that stand. @param only one service; absent: all */
export async function listDemotions(db: Database | Transaction, only?: string): Promise<Demotion[]> {
  const rows = await db
    .select()
    .from(kindDemotion)
    .where(and(isNull(kindDemotion.restoredAt), only === undefined ? undefined : eq(kindDemotion.service, only)));
  return rows.map(({ service, kind, demotedAt, confirmed, falseAlarms }) => ({
    ...{ service, kind: kind as AlertKind, demotedAt, confirmed, falseAlarms },
  }));
}

export interface Settled {
  service: string;
  kind: AlertKind;
  ruling: 'demote' | 'restore';
  judgements: Judgements;
}

/** Demotes and restores by what people have said so far; each change with its row of the audit. Safe to be done by several at once. */
export async function settlePrecision(db: Database, now: number): Promise<Settled[]> {
  const [counts, standing] = await Promise.all([countVerdicts(db, now), listDemotions(db)]);
  const key = (one: { service: string; kind: string }) => `${one.service} ${one.kind}`;
  const judged = new Map(counts.map((one) => [key(one), one]));
  const demoted = new Set(standing.map(key));
  const unjudged = standing.filter((one) => !judged.has(key(one))).map((one) => ({ ...one, confirmed: 0, falseAlarms: 0 }));
  const settled: Settled[] = [];
  for (const { service, kind, confirmed, falseAlarms } of [...judged.values(), ...unjudged]) {
    const judgements = { confirmed, falseAlarms };
    const ruling = judgePrecision(judgements, demoted.has(key({ service, kind })));
    if (ruling === 'keep') continue;
    const changed = await db.transaction(async (tx) => {
      const done =
        ruling === 'demote' ? await demote(tx, service, kind, judgements, now) : await restoreKind(tx, service, kind, null, now);
      if (done) await audited(tx, `kind.${ruling}`, service, kind, judgements, now);
      return done;
    });
    if (changed) settled.push({ service, kind, ruling, judgements });
  }
  return settled;
}

/** @returns whether it was not demoted yet */
async function demote(tx: Transaction, service: string, kind: AlertKind, judgements: Judgements, now: number): Promise<boolean> {
  const rows = await tx
    .insert(kindDemotion)
    .values({ service, kind, demotedAt: now, ...judgements })
    .onConflictDoNothing()
    .returning({ kind: kindDemotion.kind });
  return rows.length > 0;
}

/** @param by the person's name; null: nobody. @returns whether it was demoted */
export async function restoreKind(
  tx: Transaction,
  service: string,
  kind: AlertKind,
  by: string | null,
  now: number,
): Promise<boolean> {
  const rows = await tx
    .update(kindDemotion)
    .set({ restoredAt: now, restoredBy: by })
    .where(and(eq(kindDemotion.service, service), eq(kindDemotion.kind, kind), isNull(kindDemotion.restoredAt)))
    .returning({ kind: kindDemotion.kind });
  return rows.length > 0;
}

/** Nobody signed in did it: the row names no person. */
async function audited(tx: Transaction, action: string, service: string, kind: string, judgements: Judgements, at: number) {
  await recordAudit(tx, { at, personId: null, action, object: kind, service, after: judgements, detail: { kind }, address: '' });
}

/** Alerts that opened within {@link PRECISION_DAYS}, by kind; those of old files left out. */
export async function countOpenedByKind(db: Database, service: string, now: number): Promise<Map<string, number>> {
  const rows = await db
    .select({ kind: alert.kind, opened: count() })
    .from(alert)
    .where(and(eq(alert.service, service), gt(alert.firstAt, now - PRECISION_DAYS * DAY_MS), eq(alert.historical, false)))
    .groupBy(alert.kind);
  return new Map(rows.map(({ kind, opened }) => [kind, opened]));
}

/** What a report says of all kinds, and of each: no verdicts are no precision. */
export function precisionReport(counts: readonly KindCounts[], { opened, budget }: { opened: number; budget: number }) {
  const of = (kind: AlertKind) => {
    const { confirmed, falseAlarms, expected } = counts.find((one) => one.kind === kind) ?? NOBODY;
    const { share, low, high } = precisionOf({ confirmed, falseAlarms });
    return { confirmed, falseAlarms, expected, precision: share, low, high };
  };
  const stretch = budgetStretch(opened, budget);
  return { days: PRECISION_DAYS, floor: PRECISION_FLOOR, budget: { opened, budget, stretch }, of };
}
const NOBODY = { confirmed: 0, falseAlarms: 0, expected: 0 };
