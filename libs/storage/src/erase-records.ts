/**
 * Removes one actor from PostgreSQL, in one transaction: what is about it goes, what only names it loses the name. A decision
 * in force is lifted first and kept without the id, since bouncers know it by its own and must hear of its end.
 */
import { type Erasure, type Settings, storedSettings } from '@plimsoll/contracts';
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import { lockCopies } from './baseline-copies.js';
import type { Transaction } from './database.js';
import { inForce, lockFeed, nextVersion } from './decisions.js';
import { endpointsThatNameIt, endpointWithout, unnameEndpoints } from './erase-endpoints.js';
import { eraseViews, unnameAlerts, unnameTexts } from './erase-texts.js';
import { holds, mayName, mayTell } from './holds.js';
import { namesId } from './id-in-text.js';
import { alert, alertRequest, decision, service } from './schema.js';
import { auditParty } from './schema-audit.js';
import { backtest, baselineCopy } from './schema-backtest.js';
import { proof } from './schema-channel.js';
import { approval } from './schema-people.js';
import { pseudonym } from './schema-privacy.js';
import { ERASED, namesIn } from './unname.js';

type Parts = Erasure['erased'];

const affected = ({ rowCount }: { rowCount: number | null }): number => rowCount ?? 0;

/** @returns what was removed where; services whose decisions or allow-list have changed are announced by the caller. */
export async function eraseRecords(tx: Transaction, actor: string, now: number): Promise<{ erased: Parts; services: string[] }> {
  const erased: Parts = [];
  const services = new Set<string>();
  const note = (place: string, count: number) => void (count > 0 && erased.push({ place, count }));
  await lockCopies(tx);
  note('requests beside alerts', affected(await tx.delete(alertRequest).where(sql`${alertRequest.log}->>'actor' = ${actor}`)));
  note(
    'alerts about it',
    affected(await tx.delete(alert).where(and(eq(alert.subjectType, 'actor'), eq(alert.subjectId, actor)))),
  );
  const { listing, changed } = await unnameAlerts(tx, actor);
  note('alerts that named it', changed);
  note('names of endpoints', await unnameEndpoints(tx, actor, listing, now));
  note('decisions', await eraseDecisions(tx, actor, now, services));
  note('settings', await eraseSettings(tx, actor, services));
  note('proofs', affected(await tx.delete(proof).where(eq(proof.actor, actor))));
  note('approvals', await eraseApprovals(tx, actor));
  note('backtests', await eraseBacktests(tx, actor));
  // Its process holds what it has read, and would write the name into its result.
  const over = { state: 'failed', fault: 'Somebody was erased meanwhile. Run it again.', endedAt: now };
  note('backtests under way', affected(await tx.update(backtest).set(over).where(eq(backtest.state, 'running'))));
  note('saved views', await eraseViews(tx, actor));
  note('copies of what was learnt', affected(await tx.delete(baselineCopy)));
  note('texts', await unnameTexts(tx, actor, listing));
  note(
    'names in the audit',
    affected(await tx.delete(auditParty).where(and(eq(auditParty.type, 'actor'), eq(auditParty.id, actor)))),
  );
  note('pseudonyms', affected(await tx.delete(pseudonym).where(eq(pseudonym.actor, actor))));
  return { erased, services: [...services] };
}

/** A call that named it: who asked for it asks again. */
async function eraseApprovals(tx: Transaction, actor: string): Promise<number> {
  const { id, body } = approval;
  const rows = await tx.select({ id, body }).from(approval).where(mayTell(body, actor));
  const named = rows.filter((row) => namesIn(row.body, actor)).map((row) => row.id);
  return affected(await tx.delete(approval).where(inArray(id, named)));
}

async function eraseBacktests(tx: Transaction, actor: string): Promise<number> {
  const { id, result, settings, patch } = backtest;
  const mayHold = or(...[result, settings, patch].map((part) => mayTell(part, actor)));
  const rows = await tx.select({ id, result, settings, patch }).from(backtest).where(mayHold);
  const named = rows.filter((row) => namesIn([row.result, row.settings, row.patch], actor)).map((row) => row.id);
  return affected(await tx.delete(backtest).where(inArray(id, named)));
}

async function eraseDecisions(tx: Transaction, actor: string, now: number, services: Set<string>): Promise<number> {
  const about = and(eq(decision.subjectType, 'actor'), eq(decision.subjectId, actor));
  const standing = await tx
    .selectDistinct({ service: decision.service })
    .from(decision)
    .where(and(about, inForce(now)));
  let count = 0;
  for (const { service: id } of standing.sort((a, b) => (a.service < b.service ? -1 : 1))) {
    await lockFeed(tx, id);
    const version = await nextVersion(tx, id);
    const lifted = { version, liftedAt: now, changedAt: now, subjectId: ERASED, reason: ERASED, alertId: null };
    const rows = await tx
      .update(decision)
      .set(lifted)
      .where(and(about, eq(decision.service, id), inForce(now)))
      .returning({ id: decision.id, endpoint: decision.endpoint });
    for (const row of rows) {
      const endpoint = endpointWithout(row.endpoint, actor);
      if (endpoint !== row.endpoint) await tx.update(decision).set({ endpoint }).where(eq(decision.id, row.id));
    }
    count += rows.length;
    services.add(id);
  }
  return count + affected(await tx.delete(decision).where(about));
}

async function eraseSettings(tx: Transaction, actor: string, services: Set<string>): Promise<number> {
  const rows = await tx
    .select({ id: service.id })
    .from(service)
    .where(holds(service.settings, JSON.stringify(actor)));
  let changed = 0;
  for (const { id } of rows) {
    const settings = storedSettings((await lockFeed(tx, id)).settings);
    if (!namesIn(settings, actor)) continue;
    const next = without(settings, actor);
    if (JSON.stringify(next) === JSON.stringify(settings)) continue;
    const version = await nextVersion(tx, id);
    await tx.update(service).set({ settings: next, allowVersion: version }).where(eq(service.id, id));
    services.add(id);
    changed += 1;
  }
  return changed;
}

/** A group that holds nobody any more, no address either, goes with its last actor. */
function without(settings: Settings, actor: string): Settings {
  const others = (actors: readonly string[]) => actors.filter((each) => each !== actor);
  const { allow, groups } = settings;
  const left = groups.map((group) => ({ ...group, actors: others(group.actors) }));
  return {
    ...settings,
    allow: { ...allow, actors: others(allow.actors) },
    groups: left.filter((group) => group.actors.length + group.addresses.length > 0),
  };
}

/** What others have that holds the same text: it is not the actor's, and stays. */
export async function leftOf(tx: Transaction, actor: string): Promise<Erasure['kept']> {
  const requests = await requestsThatNameIt(tx, actor);
  const endpoints = await endpointsThatNameIt(tx, actor);
  return [
    {
      count: requests,
      place: `${requests} requests of others beside alerts`,
      why: 'Their path or agent holds the same text. They are not the user’s.',
    },
    {
      count: endpoints,
      place: `${endpoints} names of endpoints`,
      why: 'They hold the same text, and nothing tells an id there from a word of a route. Where a person wrote one, change it there.',
    },
  ].flatMap(({ count, ...left }) => (count > 0 ? [left] : []));
}

async function requestsThatNameIt(tx: Transaction, actor: string): Promise<number> {
  const others = or(isNull(sql`${alertRequest.log}->>'actor'`), sql`${alertRequest.log}->>'actor' <> ${actor}`);
  const rows = await tx
    .select({ log: alertRequest.log })
    .from(alertRequest)
    .where(and(others, mayName(alertRequest.log, actor)));
  return rows.filter(({ log: { path, route = '', userAgent } }) => namesId(`${path}\n${route}\n${userAgent}`, actor)).length;
}
