/**
 * The one transaction of a batch: the shard's fence and sequence number, the batch id, the minute roll-ups, alerts with their
 * requests, decisions. Either all of it is there or nothing, and a batch that is there is recognised when it comes again.
 */
import type { Alert, Decision, Step } from '@plimsoll/contracts';
import { compareSteps, type EvidenceLog, type Finding, type Ruling } from '@plimsoll/detection';
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import { keepRequests, recordFinding } from './alerts.js';
import type { Database, Transaction } from './database.js';
import { createDecision, heldSubject, prolongDecision } from './decisions.js';
import type { Lease } from './leases.js';
import { batch, shard } from './schema.js';
import { addTraffic, type TrafficRow } from './traffic.js';

/** One finding of a batch, with what it leads to. */
export interface Outcome {
  finding: Finding;
  ruling: Ruling;
  /** The policy's mode, named as the origin of a decision. */
  policy: string;
  /** Of a block: the live sources that it may stop, and how many policies may newly block within a minute. */
  reach?: { weight: number; room: number } | undefined;
  requests: readonly EvidenceLog[];
}

export interface Effects {
  traffic: readonly TrafficRow[];
  outcomes: readonly Outcome[];
}

export interface Committed {
  seq: number;
  alerts: Alert[];
  decisions: Decision[];
}

/** This worker no longer holds the shard: somebody else does, and nothing was changed. */
export class Fenced extends Error {
  constructor(readonly shard: number) {
    super(`shard ${shard} has been taken over by another worker`);
  }
}

export interface CommittedBatch {
  id: string;
  seq: number;
  /** Indexes of logs that had been counted before. */
  skipped: number[];
}

/**
 * Id of what a shard did by the clock alone, after its batch `seq`: committed like a batch, though no job stands behind it. The
 * clock is in the id, so that whoever takes the shard over can do the same again.
 */
export const settlingId = (shardId: number, seq: number, clock: number): string => `s_${shardId}_${seq}_${clock}`;

/** The clock of a settling, milliseconds; undefined where the id is a job's. */
export function settledAt(id: string): number | undefined {
  const clock = /^s_\d+_\d+_(\d+)$/.exec(id)?.[1];
  return clock === undefined ? undefined : Number(clock);
}

/** Which of these jobs are committed. */
export async function findBatch(db: Database, id: string): Promise<CommittedBatch | undefined> {
  const [row] = await db.select({ id: batch.id, seq: batch.seq, skipped: batch.skipped }).from(batch).where(eq(batch.id, id));
  return row;
}

/** Committed batches of a shard after `seq`, in their order. */
export function batchesAfter(db: Database, shardId: number, seq: number): Promise<CommittedBatch[]> {
  return db
    .select({ id: batch.id, seq: batch.seq, skipped: batch.skipped })
    .from(batch)
    .where(and(eq(batch.shard, shardId), gt(batch.seq, seq)))
    .orderBy(asc(batch.seq));
}

/**
 * Finished jobs that nobody can need any more. `upTo`: their batch is committed at or before `seq`. `unknown`: none is known, since
 * PostgreSQL is younger than the queue by a restore, say: nobody can learn or write down what they did.
 */
export async function batchesOver(
  db: Database,
  ids: readonly string[],
  seq: number,
): Promise<{ upTo: string[]; unknown: string[] }> {
  const rows =
    ids.length === 0
      ? []
      : await db
          .select({ id: batch.id, seq: batch.seq })
          .from(batch)
          .where(inArray(batch.id, [...ids]));
  const seqOf = new Map(rows.map((row) => [row.id, row.seq]));
  return {
    upTo: ids.filter((id) => (seqOf.get(id) ?? Number.POSITIVE_INFINITY) <= seq),
    unknown: ids.filter((id) => !seqOf.has(id)),
  };
}

/**
 * Commits a batch. @throws Fenced where the lease's generation is not the shard's any more; a batch that is committed
 * already violates its primary key, which cannot happen to who holds the shard and has asked {@link findBatch}.
 */
export function commitBatch(
  db: Database,
  lease: Lease,
  id: string,
  skipped: readonly number[],
  effects: Effects,
  now: number,
): Promise<Committed> {
  return db.transaction(async (tx) => {
    const seq = await advance(tx, lease);
    await tx.insert(batch).values({ id, shard: lease.shard, seq, skipped: [...skipped], committedAt: now });
    await addTraffic(tx, effects.traffic);
    return { seq, ...(await settle(tx, effects.outcomes, now)) };
  });
}

async function advance(tx: Transaction, lease: Lease): Promise<number> {
  const [row] = await tx
    .update(shard)
    .set({ seq: sql`${shard.seq} + 1` })
    .where(and(eq(shard.id, lease.shard), eq(shard.generation, lease.generation)))
    .returning({ seq: shard.seq });
  if (!row) throw new Fenced(lease.shard);
  return row.seq;
}

async function settle(tx: Transaction, outcomes: readonly Outcome[], now: number): Promise<Omit<Committed, 'seq'>> {
  const alerts = new Map<string, Alert>();
  const decisions: Decision[] = [];
  const made = new Map<string, Step>();
  for (const outcome of outcomes) {
    const { finding, requests, ruling } = outcome;
    const recorded = await recordFinding(tx, finding, now);
    if (!recorded) continue;
    const { alert, resolved, touched } = recorded;
    if (resolved && alert.verdict !== 'true-positive') continue; // A person's word: this behaviour is harmless, or expected.
    if (!resolved) {
      alerts.set(alert.id, alert);
      await keepRequests(tx, alert.id, requests);
    }
    for (const each of touched) alerts.set(each.id, each);
    if (ruling.type === 'create') {
      // Several findings of one batch about the same subject are one decision, or a harder one in its place.
      const key = JSON.stringify([finding.service, heldSubject(ruling.subject), ruling.endpoint]);
      const before = made.get(key);
      if (before && compareSteps(ruling.step, before) <= 0) continue;
      made.set(key, ruling.step);
    }
    decisions.push(...(await enforce(tx, alert.id, outcome, now)));
  }
  return { alerts: [...alerts.values()], decisions };
}

async function enforce(tx: Transaction, alertId: string, outcome: Outcome, now: number): Promise<Decision[]> {
  const { finding, ruling, policy, reach } = outcome;
  if (ruling.type === 'none') return [];
  const origin = { type: 'policy' as const, name: policy };
  const common = { service: finding.service, endpoint: finding.endpoint, reason: finding.explanation, origin, alertId };
  const made =
    ruling.type === 'prolong'
      ? await prolongDecision(tx, ruling.decisionId, ruling.until, now)
      : await createDecision(tx, { ...common, ...reach, ...toDraft(ruling) }, now);
  if (made?.mode !== 'pending' || finding.rate === null) return made ? [made] : [];
  // Nobody is refused until a person has said so; meanwhile the subject is held to what was learnt.
  const { subject, until } = made;
  const throttle = await createDecision(tx, { ...common, action: 'throttle', subject, rate: finding.rate, until }, now);
  return throttle ? [made, throttle] : [made];
}

const toDraft = ({ step, subject, endpoint, rate, until, reason }: Ruling & { type: 'create' }) => ({
  action: step.action,
  subject,
  endpoint,
  rate,
  until,
  reason,
});
