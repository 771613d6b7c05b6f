/**
 * An erased actor's id in the names of endpoints: `GET /users/mallory`. Such a name goes where the actor itself stood beside it, by which
 * pseudonyms hid it there: alone it would be shown to all. Elsewhere it stays and is counted, since nothing tells an id from a word
 * of a route: who is called `login` would take the tuning and the blocks of `POST /login` away from everybody else.
 */
import type { Settings } from '@plimsoll/contracts';
import { and, eq, inArray, isNotNull, not, or, sql } from 'drizzle-orm';
import type { Transaction } from './database.js';
import { standsAt } from './decisions.js';
import { holds, inJson, mayName } from './holds.js';
import { namesId, replaceId } from './id-in-text.js';
import { alert, alertRequest, decision, service } from './schema.js';
import { ERASED } from './unname.js';

/** So much of a name stands in a sentence, at least. */
const TOLD = 79;

const named = (name: string | undefined, actor: string): boolean => name !== undefined && namesId(name, actor);

/** Settings that listed the actor, without the endpoints, flows and rules whose name holds its id. */
export const withoutEndpoints = (settings: Settings, actor: string): Settings => ({
  ...settings,
  endpoints: settings.endpoints.filter(({ endpoint }) => !named(endpoint, actor)),
  ladder: settings.ladder.filter(({ endpoint }) => !named(endpoint, actor)),
  flows: settings.flows.filter(({ steps }) => !steps.some((step) => named(step, actor))),
});

/** The name of an endpoint as it is kept without the id. @param mark what stands for it */
export const endpointWithout = (name: string, actor: string, mark: string = ERASED): string => replaceId(name, actor, () => mark);

/**
 * Alerts that listed the actor, and what policies decided because of them, once it has ended: a block of others stays one. Not where
 * others were seen at the endpoint too: then its name is a route's.
 * @param listing ids of those alerts. @returns how many rows were changed
 */
export async function unnameEndpoints(tx: Transaction, actor: string, listing: readonly string[], now: number): Promise<number> {
  const { id, endpoint, subjectType, subjectId, explanation } = alert;
  const rows = await tx
    .select({ id, endpoint, subjectType, subjectId, explanation })
    .from(alert)
    .where(
      and(inArray(id, [...listing]), or(mayName(endpoint, actor), and(eq(subjectType, 'endpoint'), mayName(subjectId, actor)))),
    );
  let changed = 0;
  for (const row of rows) {
    const name = row.endpoint || row.subjectId;
    // One unresolved alert a subject and endpoint: the alert's own id keeps it apart from others.
    const next = endpointWithout(name, actor, `${ERASED}-${row.id}`);
    if (next === name || (await isOfOthers(tx, name, actor))) continue;
    const subject = row.subjectId === name ? { subjectId: next } : {};
    const told = row.explanation.replaceAll(name.slice(0, TOLD), () => next.slice(0, TOLD));
    await tx
      .update(alert)
      .set({ ...subject, endpoint: row.endpoint && next, explanation: told })
      .where(eq(id, row.id));
    const because = and(eq(decision.alertId, row.id), eq(decision.endpoint, name), not(standsAt(now)!));
    await tx.update(decision).set({ endpoint: next }).where(because);
    changed += 1;
  }
  return changed;
}

async function isOfOthers(tx: Transaction, endpoint: string, actor: string): Promise<boolean> {
  const who = sql`${alertRequest.log}->>'actor'`;
  const others = and(eq(alertRequest.endpoint, endpoint), isNotNull(who), sql`${who} <> ${actor}`);
  return (await tx.select({ id: alertRequest.logId }).from(alertRequest).where(others).limit(1)).length > 0;
}

/** Names of endpoints in alerts, decisions and settings that still hold the id as a word. */
export async function endpointsThatNameIt(tx: Transaction, actor: string): Promise<number> {
  const inAlerts = await tx.selectDistinct({ name: alert.endpoint }).from(alert).where(mayName(alert.endpoint, actor));
  const inDecisions = await tx
    .selectDistinct({ name: decision.endpoint })
    .from(decision)
    .where(mayName(decision.endpoint, actor));
  const services = await tx
    .select({ settings: service.settings })
    .from(service)
    .where(or(holds(service.settings, inJson(actor)), mayName(service.settings, actor)));
  const inSettings = services.flatMap(({ settings: { endpoints, flows, ladder } }) => [
    ...[...endpoints, ...ladder].map(({ endpoint = '' }) => endpoint),
    ...flows.flatMap(({ steps }) => steps),
  ]);
  const names = new Set([...inAlerts.map(({ name }) => name), ...inDecisions.map(({ name }) => name), ...inSettings]);
  return [...names].filter((name) => named(name, actor)).length;
}
