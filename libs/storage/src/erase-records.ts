/**
 * Removes one actor from PostgreSQL, in one transaction: what is about it goes, what only names it loses the name. A decision
 * in force is lifted first and kept without the id, since bouncers know it by its own and must hear of its end.
 */
import { type Erasure, type Settings, settingsSchema } from '@plimsoll/contracts';
import { and, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Transaction } from './database.js';
import { inForce, lockFeed, nextVersion } from './decisions.js';
import { alert, alertRequest, decision, service } from './schema.js';
import { auditParty } from './schema-audit.js';
import { backtest, baselineCopy } from './schema-backtest.js';
import { proof } from './schema-channel.js';
import { approval } from './schema-people.js';
import { pseudonym } from './schema-privacy.js';
import { alertEvent, savedView } from './schema-triage.js';

/** Stands where a name was. */
export const ERASED = 'erased';

type Parts = Erasure['erased'];

const wordOf = (actor: string): RegExp => new RegExp(`(?<![\\w-])${actor.replace(/[^\w\s]/g, '\\$&')}(?![\\w-])`, 'g');
const holds = (column: PgColumn | SQL, text: string) => sql`strpos(${column}::text, ${text}) > 0`;
const affected = ({ rowCount }: { rowCount: number | null }): number => rowCount ?? 0;

/** @returns what was removed where; services whose decisions or allow-list have changed are announced by the caller. */
export async function eraseRecords(tx: Transaction, actor: string, now: number): Promise<{ erased: Parts; services: string[] }> {
  const erased: Parts = [];
  const services = new Set<string>();
  const note = (place: string, count: number) => void (count > 0 && erased.push({ place, count }));
  note('requests beside alerts', affected(await tx.delete(alertRequest).where(sql`${alertRequest.log}->>'actor' = ${actor}`)));
  note(
    'alerts about it',
    affected(await tx.delete(alert).where(and(eq(alert.subjectType, 'actor'), eq(alert.subjectId, actor)))),
  );
  note('alerts that named it', await unnameAlerts(tx, actor));
  note('decisions', await eraseDecisions(tx, actor, now, services));
  note('settings', await eraseSettings(tx, actor, services));
  note('proofs', affected(await tx.delete(proof).where(eq(proof.actor, actor))));
  const json = JSON.stringify(actor);
  note('approvals', affected(await tx.delete(approval).where(or(holds(approval.body, json), holds(approval.params, json)))));
  note(
    'backtests',
    affected(
      await tx
        .delete(backtest)
        .where(or(...[backtest.result, backtest.settings, backtest.patch].map((part) => holds(part, json)))),
    ),
  );
  // Its process holds what it has read, and would write the name into its result.
  const over = { state: 'failed', fault: 'Somebody was erased meanwhile. Run it again.', endedAt: now };
  note('backtests under way', affected(await tx.update(backtest).set(over).where(eq(backtest.state, 'running'))));
  note('saved views', await eraseViews(tx, actor));
  note('copies of what was learnt', affected(await tx.delete(baselineCopy)));
  note('texts', await unnameTexts(tx, actor));
  note(
    'names in the audit',
    affected(await tx.delete(auditParty).where(and(eq(auditParty.type, 'actor'), eq(auditParty.id, actor)))),
  );
  note('pseudonyms', affected(await tx.delete(pseudonym).where(eq(pseudonym.actor, actor))));
  return { erased, services: [...services] };
}

/** Alerts about others: the list of their actors, and what was said. */
async function unnameAlerts(tx: Transaction, actor: string): Promise<number> {
  const rows = await tx
    .select({ id: alert.id, actors: alert.actors, explanation: alert.explanation, signals: alert.signals })
    .from(alert)
    .where(or(holds(alert.actors, JSON.stringify(actor)), holds(alert.explanation, actor), holds(alert.signals, actor)));
  let changed = 0;
  for (const { id, actors, explanation, signals } of rows) {
    const next = {
      actors: { ...actors, items: actors.items.filter((item) => item !== actor) },
      explanation: explanation.replace(wordOf(actor), ERASED),
      signals: JSON.parse(JSON.stringify(signals).replace(wordOf(JSON.stringify(actor).slice(1, -1)), ERASED)),
    };
    if (JSON.stringify(next) === JSON.stringify({ actors, explanation, signals })) continue;
    await tx.update(alert).set(next).where(eq(alert.id, id));
    changed += 1;
  }
  return changed;
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
    count += affected(
      await tx
        .update(decision)
        .set(lifted)
        .where(and(about, eq(decision.service, id), inForce(now))),
    );
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
    const { settings } = await lockFeed(tx, id);
    const next = without(settings, actor);
    if (JSON.stringify(next) === JSON.stringify(settings)) continue;
    const version = await nextVersion(tx, id);
    await tx.update(service).set({ settings: next, allowVersion: version }).where(eq(service.id, id));
    services.add(id);
    changed += 1;
  }
  return changed;
}

/** A group that holds nobody any more goes with its last actor. */
function without(settings: Settings, actor: string): Settings {
  const others = (actors: readonly string[]) => actors.filter((each) => each !== actor);
  const { allow, groups } = settings;
  const left = groups.map((group) => ({ ...group, actors: others(group.actors) }));
  return settingsSchema.parse({
    ...settings,
    allow: { ...allow, actors: others(allow.actors) },
    groups: left.filter((group, at) => group.actors.length > 0 || groups[at]?.actors.length === 0),
  });
}

async function eraseViews(tx: Transaction, actor: string): Promise<number> {
  const views = await tx.select({ id: savedView.id, search: savedView.search, name: savedView.name }).from(savedView);
  const named = views.filter(({ search, name }) =>
    `${search}\n${new URLSearchParams(search).toString()}\n${decoded(search)}\n${name}`.match(wordOf(actor)),
  );
  for (const { id } of named) await tx.delete(savedView).where(eq(savedView.id, id));
  return named.length;
}

function decoded(search: string): string {
  try {
    return decodeURIComponent(search.replaceAll('+', ' '));
  } catch {
    return search;
  }
}

/** What people and policies wrote: reasons, notes, comments. */
async function unnameTexts(tx: Transaction, actor: string): Promise<number> {
  const word = wordOf(actor);
  const texts: [PgTable, PgColumn, PgColumn, string][] = [
    [decision, decision.id, decision.reason, 'reason'],
    [alert, alert.id, alert.note, 'note'],
  ];
  let changed = 0;
  for (const [table, id, column, field] of texts) {
    for (const row of await tx.select({ id, text: column }).from(table).where(holds(column, actor))) {
      const text = String(row.text).replace(word, ERASED);
      if (text === row.text) continue;
      await tx
        .update(table)
        .set({ [field]: text })
        .where(eq(id, row.id));
      changed += 1;
    }
  }
  const inner = JSON.stringify(actor).slice(1, -1);
  for (const { id, detail, before } of await tx
    .select()
    .from(alertEvent)
    .where(or(holds(alertEvent.detail, inner), holds(alertEvent.before, inner)))) {
    const renamed = JSON.parse(JSON.stringify({ detail, before }).replace(wordOf(inner), ERASED));
    if (JSON.stringify(renamed) === JSON.stringify({ detail, before })) continue;
    await tx.update(alertEvent).set(renamed).where(eq(alertEvent.id, id));
    changed += 1;
  }
  return changed;
}

/** Requests beside alerts of others whose path or agent holds the text: they are not the actor's, and stay. */
export async function requestsThatNameIt(tx: Transaction, actor: string): Promise<number> {
  const others = or(isNull(sql`${alertRequest.log}->>'actor'`), sql`${alertRequest.log}->>'actor' <> ${actor}`);
  const rows = await tx
    .select({ log: alertRequest.log })
    .from(alertRequest)
    .where(and(others, holds(alertRequest.log, JSON.stringify(actor).slice(1, -1))));
  return rows.filter(({ log }) => JSON.stringify(log).match(wordOf(JSON.stringify(actor).slice(1, -1)))).length;
}
