/**
 * How right each kind of each service was, by people's verdicts, and which kinds are demoted because of it. What is judged is
 * counted anew from the alerts each time, so that nothing is missed by an outage; only the demotions themselves are kept.
 */
import { type AlertKind, type AlertVerdict, VERDICT_UNDO_MS } from '@plimsoll/contracts';
import {
  budgetStretch,
  type Judgements,
  judgePrecision,
  PRECISION_DAYS,
  PRECISION_FLOOR,
  precisionOf,
} from '@plimsoll/detection';
import { and, count, countDistinct, desc, eq, gt, inArray, isNotNull, isNull, lte, max, sql } from 'drizzle-orm';
import { recordAudit } from './audit.js';
import type { Database, Transaction } from './database.js';
import { alert, person } from './schema.js';
import { kindDemotion } from './schema-precision.js';

const DAY_MS = 86_400_000;

export interface KindCounts extends Judgements {
  service: string;
  kind: AlertKind;
  expected: number;
  /** How many people, by their names, called alerts of it false. */
  accusers: number;
}

export interface Demotion extends Judgements {
  service: string;
  kind: AlertKind;
  demotedAt: number;
}

/**
 * Subjects by the last verdict on them within {@link PRECISION_DAYS}, by service and kind, alerts of old files left out: whoever
 * makes noise a hundred times counts once. Of a kind that a person has restored, only what was said since counts: that word is not
 * undone by the verdicts that it was about. What can still be taken back does not count yet.
 * @param only one service; absent: all
 */
export async function countVerdicts(db: Database | Transaction, now: number, only?: string): Promise<KindCounts[]> {
  const judged = lastVerdicts(db, { from: now - PRECISION_DAYS * DAY_MS, to: now - VERDICT_UNDO_MS }, only);
  const rows = await db
    .select({
      ...{ service: judged.service, kind: judged.kind, verdict: judged.verdict },
      ...{ subjects: count(), people: countDistinct(judged.by) },
    })
    .from(judged)
    .groupBy(judged.service, judged.kind, judged.verdict);
  const counts = new Map<string, KindCounts>();
  for (const row of rows) {
    const key = `${row.service} ${row.kind}`;
    const none = { service: row.service, kind: row.kind as AlertKind, confirmed: 0, falseAlarms: 0, expected: 0, accusers: 0 };
    const known = counts.get(key) ?? none;
    known[fieldOf[row.verdict as AlertVerdict]] += row.subjects;
    if (row.verdict === 'false-positive') known.accusers = row.people;
    counts.set(key, known);
  }
  return [...counts.values()];
}

/** A row for each subject of each kind. @param since Unix ms; a bound of its own, so that the index `alert_judged` serves it */
function lastVerdicts(db: Database | Transaction, { from, to }: { from: number; to: number }, only: string | undefined) {
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
  const { service, kind, verdict, subjectType, subjectId, resolvedAt } = alert;
  return db
    .selectDistinctOn([service, kind, subjectType, subjectId], { service, kind, verdict, by: alert.resolvedBy })
    .from(alert)
    .leftJoin(word, and(eq(word.service, service), eq(word.kind, kind)))
    .where(
      and(
        isNotNull(verdict),
        eq(alert.historical, false),
        gt(resolvedAt, from),
        lte(resolvedAt, to),
        sql`${resolvedAt} > coalesce(${word.at}, 0)`,
        only === undefined ? undefined : eq(service, only),
      ),
    )
    .orderBy(service, kind, subjectType, subjectId, desc(resolvedAt), desc(alert.id))
    .as('judged');
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

/**
 * Demotes and restores by what people have said so far; each change with its row of the audit. Safe to be done by several at once,
 * and beside a person who restores a kind: what is to change is looked for in one snapshot, and counted again where nobody else can
 * change it.
 */
export async function settlePrecision(db: Database, now: number): Promise<Settled[]> {
  const due = await db.transaction((tx) => dueRulings(tx, now), { isolationLevel: 'repeatable read', accessMode: 'read only' });
  const settled: Settled[] = [];
  for (const { service, kind, ruling } of due) {
    const changed = await db.transaction(async (tx) => {
      // Rare, and held for a moment: whoever demotes or restores waits, whoever reads does not.
      await tx.execute(sql`lock table ${kindDemotion} in share row exclusive mode`);
      const still = (await dueRulings(tx, now, service)).find((one) => one.kind === kind && one.ruling === ruling);
      if (still === undefined) return undefined;
      if (ruling === 'demote') await demote(tx, still, now);
      else await restoreKind(tx, service, kind, null, now);
      await audited(tx, still, now);
      return still;
    });
    if (changed) settled.push(changed);
  }
  return settled;
}

/** What is to be changed by the verdicts of now. @param only one service; absent: all */
async function dueRulings(tx: Transaction, now: number, only?: string): Promise<Settled[]> {
  const counts = await countVerdicts(tx, now, only);
  const standing = await listDemotions(tx, only);
  const [may] = await tx.select({ people: count() }).from(person).where(inArray(person.role, RESOLVERS));
  const key = (one: { service: string; kind: string }) => `${one.service} ${one.kind}`;
  const judged = new Set(counts.map(key));
  const demoted = new Set(standing.map(key));
  const unjudged = standing.filter((one) => !judged.has(key(one))).map((one) => ({ ...one, ...NOBODY }));
  return [...counts, ...unjudged].flatMap(({ service, kind, confirmed, falseAlarms, accusers }) => {
    const judgements = { confirmed, falseAlarms };
    const judges = { accusers, resolvers: may?.people ?? 0 };
    const ruling = judgePrecision(judgements, demoted.has(key({ service, kind })), judges);
    return ruling === 'keep' ? [] : [{ service, kind, ruling, judgements }];
  });
}
/** Roles that may resolve an alert. */
const RESOLVERS = ['analyst', 'owner'];

async function demote(tx: Transaction, { service, kind, judgements }: Settled, now: number): Promise<void> {
  await tx.insert(kindDemotion).values({ service, kind, demotedAt: now, ...judgements });
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
async function audited(tx: Transaction, { service, kind, ruling, judgements }: Settled, at: number): Promise<void> {
  const action = `kind.${ruling}`;
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
const NOBODY = { confirmed: 0, falseAlarms: 0, expected: 0, accusers: 0 };
