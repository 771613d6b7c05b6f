/**
 * What people do to many decisions at once, each in one transaction and one version: another allow-list, the end of
 * enforcing, an answer to all blocks that wait for one, an alert that was none.
 */
import { DEFAULT_SETTINGS, type Decision } from '@plimsoll/contracts';
import { rulesOf } from '@plimsoll/detection';
import { and, asc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { allowListIn } from './allow-list.js';
import type { Database, Transaction } from './database.js';
import { nextVersion, standsAt, toDecision } from './decisions.js';
import { decision, service } from './schema.js';

/** Pending decisions that one answer settles. */
const MOST_PENDING = 1_000;

/** Who did it, and when: milliseconds since the epoch. */
export interface Deed {
  personName: string;
  now: number;
}
/** `version` is the newest of the service. */
export interface Lifted {
  version: number;
  lifted: Decision[];
}

/** After the allow-list was changed: takes a version for it, and lifts what stands against who is on it now, also what a person decided. */
export async function applyAllowList(tx: Transaction, serviceId: string, deed: Deed): Promise<Lifted> {
  const version = await nextVersion(tx, serviceId);
  const [row] = await tx
    .update(service)
    .set({ allowVersion: version })
    .where(eq(service.id, serviceId))
    .returning({ settings: service.settings });
  const rules = rulesOf({ ...DEFAULT_SETTINGS, allow: allowListIn(row?.settings) });
  const { id, subjectType, subjectId } = decision;
  const standing = await tx
    .select({ id, subjectType, subjectId })
    .from(decision)
    .where(and(eq(decision.service, serviceId), standsAt(deed.now)));
  const listed = standing.filter(({ subjectType, subjectId }) => rules.allowsSubject(subjectType, subjectId));
  const ids = listed.map((each) => each.id);
  return { version, lifted: await liftAll(tx, oneOf(ids), version, deed) };
}

/** A service goes on a dry run: lifts what policies have in force or pending. What persons decided stays. */
export async function stopEnforcing(tx: Transaction, serviceId: string, deed: Deed): Promise<Lifted> {
  const version = await nextVersion(tx, serviceId);
  const ofPolicies = and(eq(decision.service, serviceId), sql`${decision.origin}->>'type' = 'policy'`);
  const made = and(ofPolicies, ne(decision.mode, 'dry-run'), standsAt(deed.now));
  return { version, lifted: await liftAll(tx, made, version, deed) };
}

/** What policies hold because of these alerts, in these services. */
const heldByAlerts = (services: readonly string[], alerts: readonly string[], now: number) =>
  and(
    inArray(decision.service, [...services]),
    inArray(decision.alertId, [...alerts]),
    sql`${decision.origin}->>'type' = 'policy'`,
    standsAt(now),
  );

/** What {@link liftOfAlert} would lift for these alerts. */
export async function readHeldByAlerts(
  db: Database | Transaction,
  alerts: readonly { id: string; service: string }[],
  now: number,
): Promise<Decision[]> {
  const services = [...new Set(alerts.map(({ service }) => service))];
  const ids = alerts.map(({ id }) => id);
  const rows = await db
    .select()
    .from(decision)
    .where(heldByAlerts(services, ids, now));
  return rows.map(toDecision);
}

/** An alert was false, or meant an expected change: what policies hold because of it is undone. */
export async function liftOfAlert(tx: Transaction, serviceId: string, alertId: string, deed: Deed): Promise<Lifted> {
  const standing = heldByAlerts([serviceId], [alertId], deed.now);
  if ((await tx.$count(decision, standing)) === 0) return { version: 0, lifted: [] };
  const version = await nextVersion(tx, serviceId);
  return { version, lifted: await liftAll(tx, standing, version, deed) };
}

async function liftAll(tx: Transaction, which: SQL | undefined, version: number, { personName, now }: Deed): Promise<Decision[]> {
  const rows = await tx
    .update(decision)
    .set({ version, liftedAt: now, changedAt: now, liftedBy: personName })
    .where(which)
    .returning();
  return rows.map(toDecision);
}

/** Confirms or dismisses what is pending in a service, oldest first, at most a thousand; in few statements, since workers wait. */
export async function settlePending(
  tx: Transaction,
  serviceId: string,
  answer: 'confirm' | 'dismiss',
  deed: Deed,
): Promise<Decision[]> {
  const version = await nextVersion(tx, serviceId);
  const rows = await tx
    .select({ id: decision.id })
    .from(decision)
    .where(and(eq(decision.service, serviceId), eq(decision.mode, 'pending'), standsAt(deed.now)))
    .orderBy(asc(decision.version), asc(decision.id))
    .limit(MOST_PENDING);
  const pending = oneOf(rows.map(({ id }) => id));
  const inOrder = (settled: Decision[]) => rows.flatMap(({ id }) => settled.find((each) => each.id === id) ?? []);
  if (answer === 'dismiss') return inOrder(await liftAll(tx, pending, version, deed));
  await tx.update(decision).set({ version, liftedAt: deed.now, changedAt: deed.now }).where(replacedBy(rows, deed.now));
  const confirmed = await tx
    .update(decision)
    .set({ version, mode: 'enforced', until: sql`${deed.now}::bigint + ${decision.seconds}::bigint * 1000`, changedAt: deed.now })
    .where(pending)
    .returning();
  return inOrder(confirmed.map(toDecision));
}

/** One parameter, however many there are. */
const oneOf = (ids: readonly string[]) => sql`${decision.id} = any(${sql.param([...ids])}::text[])`;

/** What policies have in force on the subjects and endpoints of these pending ones: the throttles that held them meanwhile. */
function replacedBy(pending: readonly { id: string }[], now: number) {
  const ids = sql.param(pending.map(({ id }) => id));
  return and(
    standsAt(now),
    eq(decision.mode, 'enforced'),
    sql`${decision.origin}->>'type' = 'policy'`,
    sql`exists (select 1 from decision waiting where waiting.id = any(${ids}::text[]) and waiting.service = ${decision.service}
      and waiting.subject_type = ${decision.subjectType} and waiting.subject_id = ${decision.subjectId}
      and waiting.endpoint = ${decision.endpoint})`,
  );
}
