/**
 * Alerts as the worker writes them: a finding opens one, or goes into the one unresolved alert of its service, kind,
 * subject and endpoint. An alert's id derives from the log that opened it, so that a redelivery cannot open another.
 * An episode whose alert a person has resolved stays resolved; the next episode opens a new one.
 */
import { type Alert, type AlertPoint, type Severity, severities } from '@plimsoll/contracts';
import type { EvidenceLog, Finding } from '@plimsoll/detection';
import { and, desc, eq, ne, notInArray } from 'drizzle-orm';
import { toAlert } from './alert-queries.js';
import { wakeIfDiffers, wakeSiblings } from './alert-snooze.js';
import { campaignOf, gatherParties, leadsOthers } from './campaigns.js';
import type { Transaction } from './database.js';
import { hashId } from './ids.js';
import { withParties } from './parties.js';
import { alert, alertRequest } from './schema.js';

/** Points of an alert's chart that are kept, the newest. */
const MAX_POINTS = 240;
/** Requests kept of an alert, the newest. */
export const MAX_REQUESTS = 100;

/** `resolved`: a person has closed this very episode; nothing was changed. `touched`: other alerts that changed with it. */
export interface Recorded {
  alert: Alert;
  resolved: boolean;
  touched: Alert[];
}

type Row = typeof alert.$inferSelect;

const NO_PARTIES = { actors: { items: [], total: 0 }, addresses: { items: [], total: 0 } };

const about = (finding: Finding) =>
  and(
    eq(alert.service, finding.service),
    eq(alert.kind, finding.kind),
    eq(alert.subjectType, finding.subject.type),
    eq(alert.subjectId, finding.subject.id),
    eq(alert.endpoint, finding.endpoint ?? ''),
  );

/** What the newest finding says, for a new alert and for an old one alike. */
const measured = (finding: Finding) => ({
  score: finding.score,
  observed: finding.observed,
  expected: finding.expected,
  limit: finding.limit,
  unit: finding.unit,
  windowSeconds: finding.windowSeconds,
  evidence: finding.evidence,
  explanation: finding.explanation,
  signals: finding.signals,
  episode: finding.logId,
  episodeCount: finding.count,
  verified: finding.verified,
});

function merged(before: readonly AlertPoint[], after: readonly AlertPoint[]): AlertPoint[] {
  const byTime = new Map([...before, ...after].map((point) => [point.ts, point]));
  return [...byTime.values()].sort((a, b) => a.ts - b.ts).slice(-MAX_POINTS);
}

/** @param now of what people see in the history. @returns undefined where a finding ended that has no unresolved alert. */
export async function recordFinding(tx: Transaction, finding: Finding, now: number): Promise<Recorded | undefined> {
  const [known] = await tx
    .select()
    .from(alert)
    .where(and(about(finding), ne(alert.state, 'resolved')))
    .for('update');
  if (known) {
    const row = await change(tx, known, finding, now);
    return { alert: toAlert(row), resolved: false, touched: await gatherParties(tx, row, known) };
  }
  if (finding.phase === 'ended') return undefined;
  const [closed] = await tx
    .select()
    .from(alert)
    .where(and(about(finding), eq(alert.episode, finding.logId)));
  if (closed) return { alert: toAlert(closed), resolved: true, touched: [] };
  const row = await open(tx, finding);
  const touched = [...(await wakeSiblings(tx, row, now)), ...(await gatherParties(tx, row, NO_PARTIES))];
  const campaign = await campaignOf(tx, row);
  if (campaign !== '') await tx.update(alert).set({ campaign }).where(eq(alert.id, row.id));
  return { alert: toAlert({ ...row, campaign }), resolved: false, touched };
}

async function open(tx: Transaction, finding: Finding): Promise<Row> {
  const { service, kind, subject, endpoint, logId, count, historical, ts, points, severity } = finding;
  const parties = withParties(undefined, finding);
  const [row] = await tx
    .insert(alert)
    .values({
      id: hashId('al', service, kind, subject.type, subject.id, endpoint ?? '', logId),
      service,
      kind,
      severity,
      subjectType: subject.type,
      subjectId: subject.id,
      endpoint: endpoint ?? '',
      historical,
      count,
      firstAt: ts,
      lastAt: ts,
      points: merged([], points),
      reach: finding.reach ?? 1,
      ...parties,
      leads: leadsOthers(parties),
      ...measured(finding),
    })
    .returning();
  return row!;
}

/** Goes on, or ends. The worst severity stays until a person has resolved the alert; a snoozed one wakes where it differs. */
async function change(tx: Transaction, known: Row, finding: Finding, now: number): Promise<Row> {
  const { logId, ts, severity, historical } = finding;
  const counted = known.episode === logId ? known.episodeCount : 0;
  const parties = newParties(known, finding);
  const common = {
    count: known.count + Math.max(0, finding.count - counted),
    points: merged(known.points, finding.points),
    reach: Math.max(known.reach, finding.reach ?? 1),
    ...parties,
  };
  const going = {
    ...measured(finding),
    severity: severities[Math.max(severities.indexOf(severity), severities.indexOf(known.severity as Severity))]!,
    historical: known.historical && historical,
    firstAt: Math.min(known.firstAt, ts),
    lastAt: Math.max(known.lastAt, ts),
    endedAt: null,
  };
  const ended = { episode: logId, episodeCount: finding.count, endedAt: Math.max(ts, known.lastAt) };
  const woken = finding.phase === 'ended' ? {} : await wakeIfDiffers(tx, known, { ...known, ...going, ...parties }, now);
  const [row] = await tx
    .update(alert)
    .set({ ...common, ...(finding.phase === 'ended' ? ended : going), ...woken })
    .where(eq(alert.id, known.id))
    .returning();
  return row!;
}

/** The columns that have to be written. An alert that leads belongs to no other's campaign. */
function newParties(known: Row, finding: Finding): Partial<Row> {
  const { actors, addresses } = withParties(known, finding);
  const leads = !known.leads && leadsOthers({ actors, addresses });
  return {
    ...(actors !== known.actors && { actors }),
    ...(addresses !== known.addresses && { addresses }),
    ...(leads && { leads, campaign: '' }),
  };
}

/** Keeps the requests that led to an alert, the newest {@link MAX_REQUESTS}. */
export async function keepRequests(tx: Transaction, alertId: string, evidence: readonly EvidenceLog[]): Promise<void> {
  if (evidence.length === 0) return;
  const rows = evidence.map(({ log, endpoint }) => ({ alertId, logId: log.id, ts: log.ts, endpoint, log }));
  await tx.insert(alertRequest).values(rows).onConflictDoNothing();
  const newest = tx
    .select({ logId: alertRequest.logId })
    .from(alertRequest)
    .where(eq(alertRequest.alertId, alertId))
    .orderBy(desc(alertRequest.ts), desc(alertRequest.logId))
    .limit(MAX_REQUESTS);
  await tx.delete(alertRequest).where(and(eq(alertRequest.alertId, alertId), notInArray(alertRequest.logId, newest)));
}
