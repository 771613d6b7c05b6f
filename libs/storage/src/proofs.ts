/**
 * Proofs: the host's word that the user behind an actor has proved itself, by whatever the host asks for. It lifts challenges and
 * policies' throttles of that actor and is noted on its unresolved alerts, as evidence and not as their verdict. Never lifted: a
 * block, and a throttle that a person has put. What has no effect leaves no row, so that nobody can fill the table with names.
 */
import type { Alert, Decision } from '@plimsoll/contracts';
import { and, asc, eq, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm';
import { toAlert } from './alert-queries.js';
import { recordAudit } from './audit.js';
import { type Database, databaseFault, type Transaction } from './database.js';
import { inForce, lockFeed, nextVersion, toDecision } from './decisions.js';
import { feedVersion } from './feed.js';
import { alert, decision } from './schema.js';
import { proof } from './schema-channel.js';

/** Proofs of one actor that have an effect within a day: who goes on deviating does not get around a throttle by them. */
export const MAX_PROOFS_A_DAY = 3;
const DAY_MS = 86_400_000;
/** Ids by which retries are known. */
const MAX_IDS = 8;
const MAX_ATTEMPTS = 5;

export interface ProofReport {
  service: string;
  actor: string;
  /** The host's own of this report: a retry has the same one. */
  id: string;
  /** Id of the API key and address of who said so, for the audit. */
  key: string;
  address: string;
}

type Outcome =
  /** What was lifted, with its new version, and the alerts that now tell of it. */
  | { type: 'taken'; decisions: Decision[]; alerts: Alert[] }
  /** This report was taken before. */
  | { type: 'repeated' }
  /** The day's proofs are used up: nothing is lifted. */
  | { type: 'spent' }
  /** There was nothing to lift and no alert. */
  | { type: 'nothing' };
/** `feedVersion` is that of the decisions afterwards. */
export type ProofOutcome = Outcome & { feedVersion: number };

type Row = typeof proof.$inferSelect;

/** Takes a proof at `now`, milliseconds since the epoch; all its effects happen in one transaction, or none. */
export async function takeProof(db: Database, report: ProofReport, now: number): Promise<ProofOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(async (tx) => {
        const outcome = await take(tx, report, now);
        return { ...outcome, feedVersion: (await feedVersion(tx, report.service)) ?? 0 };
      });
    } catch (error) {
      // A worker that writes the same alerts in another order.
      if (attempt >= MAX_ATTEMPTS || databaseFault(error) !== 'contended') throw error;
    }
  }
}

async function take(tx: Transaction, report: ProofReport, now: number): Promise<Outcome> {
  // Alerts before the service, as workers lock them.
  const alerts = await tx.select().from(alert).where(openAlerts(report, now)).orderBy(asc(alert.id)).for('update');
  await lockFeed(tx, report.service);
  const known = await knownProofs(tx, report);
  if (known?.ids.includes(report.id)) return { type: 'repeated' };
  const liftable = await tx.select({ id: decision.id }).from(decision).where(liftedByProof(report, now));
  if (liftable.length === 0 && alerts.every(({ provedAt, lastAt }) => (provedAt ?? 0) > lastAt)) return { type: 'nothing' };
  const times = (known?.times ?? []).filter((at) => at > now - DAY_MS);
  if (times.length >= MAX_PROOFS_A_DAY) return refuse(tx, report, known, now);
  await note(tx, report, { times: [...times, now], spentAt: known?.spentAt ?? 0, ids: [...(known?.ids ?? []), report.id] }, now);
  const lifted = await lift(
    tx,
    report.service,
    liftable.map(({ id }) => id),
    now,
  );
  const labelled = await label(
    tx,
    alerts.map(({ id }) => id),
    now,
  );
  const detail = { service: report.service, key: report.key, lifted: lifted.map(({ id }) => id), alerts: labelled.length };
  const about = { type: 'actor', id: report.actor } as const;
  const entry = { at: now, personId: null, action: 'challenge.pass', object: report.actor, about, address: report.address };
  await recordAudit(tx, { ...entry, detail });
  return { type: 'taken', decisions: lifted, alerts: labelled };
}

/** About this actor, unresolved, and no younger than the proof. */
const openAlerts = ({ service, actor }: ProofReport, now: number) =>
  and(
    eq(alert.service, service),
    eq(alert.subjectType, 'actor'),
    eq(alert.subjectId, actor),
    ne(alert.state, 'resolved'),
    lte(alert.firstAt, now),
  );

/** A person's challenge asks for this very proof; a person's throttle does not. */
const liftedByProof = ({ service, actor }: ProofReport, now: number) =>
  and(
    eq(decision.service, service),
    eq(decision.subjectType, 'actor'),
    eq(decision.subjectId, actor),
    inForce(now),
    or(eq(decision.action, 'challenge'), and(eq(decision.action, 'throttle'), sql`${decision.origin}->>'type' = 'policy'`)),
  );

async function knownProofs(tx: Transaction, { service, actor }: ProofReport): Promise<Row | undefined> {
  const [row] = await tx
    .select()
    .from(proof)
    .where(and(eq(proof.service, service), eq(proof.actor, actor)));
  return row;
}

/** The audit tells once a day of who goes on trying. */
async function refuse(tx: Transaction, report: ProofReport, known: Row | undefined, now: number): Promise<Outcome> {
  const { times = [], spentAt = 0 } = known ?? {};
  if (now - spentAt < DAY_MS) return { type: 'spent' };
  // Its id is not kept: told again, it is still no proof that was taken.
  await note(tx, report, { times, spentAt: now, ids: known?.ids ?? [] }, now);
  const { service, actor, key, address } = report;
  const detail = { service, key, proofs: times.length };
  const about = { type: 'actor', id: actor } as const;
  await recordAudit(tx, { at: now, personId: null, action: 'challenge.spent', object: actor, about, detail, address });
  return { type: 'spent' };
}

async function note(
  tx: Transaction,
  { service, actor }: ProofReport,
  change: { times: number[]; spentAt: number; ids: string[] },
  now: number,
): Promise<void> {
  const values = { ...change, ids: change.ids.slice(-MAX_IDS), changedAt: now };
  await tx
    .insert(proof)
    .values({ service, actor, ...values })
    .onConflictDoUpdate({ target: [proof.service, proof.actor], set: values });
}

async function lift(tx: Transaction, service: string, ids: string[], now: number): Promise<Decision[]> {
  if (ids.length === 0) return [];
  const version = await nextVersion(tx, service);
  const rows = await tx
    .update(decision)
    .set({ version, liftedAt: now, changedAt: now, provedAt: now })
    .where(and(inArray(decision.id, ids), isNull(decision.liftedAt)))
    .returning();
  return rows.map(toDecision);
}

async function label(tx: Transaction, ids: string[], now: number): Promise<Alert[]> {
  if (ids.length === 0) return [];
  return (await tx.update(alert).set({ provedAt: now }).where(inArray(alert.id, ids)).returning()).map(toAlert);
}
