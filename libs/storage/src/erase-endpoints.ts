/**
 * An erased actor's id in the names of endpoints: `GET /users/mallory`. Such a name goes where the actor itself stood beside it, by which
 * pseudonyms hid it there: alone it would be shown to all. But nothing tells an id from a word of a route: who is called `login` would
 * take the tuning and the blocks of `POST /login` away from everybody else. So it stays where others were seen there, and settings lose
 * it only where the history says that none was; what stays is counted.
 */
import { type Settings, storedSettings } from '@plimsoll/contracts';
import { and, eq, inArray, isNull, not, notExists, or, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Database, Transaction } from './database.js';
import { lockFeed, standsAt } from './decisions.js';
import { addErased } from './erasures.js';
import type { Place } from './history/alone.js';
import { holds, mayName } from './holds.js';
import { escaped, namesId, replaceId } from './id-in-text.js';
import { alert, alertRequest, decision, service } from './schema.js';
import { backtest } from './schema-backtest.js';
import { historyGap } from './schema-history.js';
import { approval } from './schema-people.js';
import { ERASED, namesIn } from './unname.js';

/** Where sentences of the model cut a longer name. */
const CUTS = [80, 79];

const named = (name: string | undefined, actor: string): boolean => name !== undefined && namesId(name, actor);

const endpointsOf = ({ endpoints, flows, ladder }: Settings): string[] => [
  ...[...endpoints, ...ladder].map(({ endpoint = '' }) => endpoint),
  ...flows.flatMap(({ steps }) => steps),
];

/** Endpoints in settings that list the actor, whose name holds its id; of services alone whose history lacks nothing that came to it. */
export async function placesInSettings(db: Database, actor: string): Promise<Place[]> {
  const services = await db
    .select({ id: service.id, settings: service.settings })
    .from(service)
    .where(and(holds(service.settings, JSON.stringify(actor)), notExists(gapsOf(db))));
  return services
    .filter(({ settings }) => namesIn(settings, actor))
    .flatMap(({ id, settings }) =>
      [...new Set(endpointsOf(storedSettings(settings)))].map((endpoint) => ({ service: id, endpoint })),
    )
    .filter(({ endpoint }) => named(endpoint, actor));
}

const gapsOf = (db: Database) =>
  db.select({ service: historyGap.service }).from(historyGap).where(eq(historyGap.service, service.id));

/**
 * Settings that list the actor lose the endpoints, flows and rules whose name holds its id, where it alone asked for that: all others
 * protect others too. The report has them with it: it is done once, before the history forgets who was where.
 *
 * @param alone of {@link placesInSettings}
 */
export async function eraseOwnEndpoints(db: Database, erasure: string, alone: readonly Place[]): Promise<void> {
  for (const id of new Set(alone.map((place) => place.service))) {
    const here = new Set(alone.filter((place) => place.service === id).map(({ endpoint }) => endpoint));
    await db.transaction(async (tx) => {
      const { next, gone } = withoutEndpoints(storedSettings((await lockFeed(tx, id)).settings), here);
      if (gone === 0) return;
      await tx.update(service).set({ settings: next }).where(eq(service.id, id));
      await addErased(tx, erasure, [{ place: 'endpoints, rules and flows in settings', count: gone }]);
    });
  }
}

function withoutEndpoints(settings: Settings, alone: ReadonlySet<string>): { next: Settings; gone: number } {
  const stays = (endpoint: string | undefined) => endpoint === undefined || !alone.has(endpoint);
  const next = {
    ...settings,
    endpoints: settings.endpoints.filter(({ endpoint }) => stays(endpoint)),
    ladder: settings.ladder.filter(({ endpoint }) => stays(endpoint)),
    flows: settings.flows.filter(({ steps }) => steps.every(stays)),
  };
  const size = ({ endpoints, ladder, flows }: Settings) => endpoints.length + ladder.length + flows.length;
  return { next, gone: size(settings) - size(next) };
}

/** The name of an endpoint as it is kept without the id. @param mark what stands for it */
export const endpointWithout = (name: string, actor: string, mark: string = ERASED): string => replaceId(name, actor, () => mark);

/** A sentence about the endpoint, with its name changed: all of it that stands there. */
function renamed(sentence: string, name: string, next: string): string {
  const cut = CUTS.filter((at) => at < name.length);
  const forms = [name, ...cut.map((at) => name.slice(0, at))].map(escaped);
  return sentence.replace(new RegExp(forms.join('|'), 'g'), (found) => (found === name ? next : next.slice(0, found.length)));
}

/**
 * Alerts that listed the actor, and what policies decided because of them, once it has ended: a block of others stays one. Not where
 * others were seen at the endpoint too, or are listed by what was found of it: then its name is a route's.
 * @param listing ids of those alerts. @returns how many rows were changed
 */
export async function unnameEndpoints(tx: Transaction, actor: string, listing: readonly string[], now: number): Promise<number> {
  const { id, service: of, endpoint, subjectType, subjectId, explanation, actors } = alert;
  const rows = await tx
    .select({ id, service: of, endpoint, subjectType, subjectId, explanation, actors })
    .from(alert)
    .where(
      and(inArray(id, [...listing]), or(mayName(endpoint, actor), and(eq(subjectType, 'endpoint'), mayName(subjectId, actor)))),
    );
  let changed = 0;
  for (const row of rows) {
    const name = row.endpoint || row.subjectId;
    // One unresolved alert a subject and endpoint: the alert's own id keeps it apart from others.
    const next = endpointWithout(name, actor, `${ERASED}-${row.id}`);
    if (next === name || listsOthers(row, actor) || (await isOfOthers(tx, { service: row.service, endpoint: name }, actor)))
      continue;
    const subject = row.subjectId === name ? { subjectId: next } : {};
    const told = (sentence: string) => renamed(sentence, name, next);
    await tx
      .update(alert)
      .set({ ...subject, endpoint: row.endpoint && next, explanation: told(row.explanation) })
      .where(eq(id, row.id));
    const { id: decided, reason } = decision;
    for (const each of await tx.select({ id: decided, reason }).from(decision).where(eq(decision.alertId, row.id))) {
      await tx
        .update(decision)
        .set({ reason: told(each.reason) })
        .where(eq(decided, each.id));
    }
    const because = and(eq(decision.alertId, row.id), eq(decision.endpoint, name), not(standsAt(now)!));
    await tx.update(decision).set({ endpoint: next }).where(because);
    changed += 1;
  }
  return changed;
}

/** Of an endpoint itself, whose newest requests may all be the actor's. An address's alert may list who never was at the endpoint. */
const listsOthers = (
  { subjectType, actors }: Pick<typeof alert.$inferSelect, 'subjectType' | 'actors'>,
  actor: string,
): boolean => subjectType === 'endpoint' && (actors.total > 1 || actors.items.some((item) => item !== actor));

/** By the requests beside alerts. Who is not signed in is somebody else. */
async function isOfOthers(tx: Transaction, place: Place, actor: string): Promise<boolean> {
  const who = sql`${alertRequest.log}->>'actor'`;
  const others = and(eq(alertRequest.endpoint, place.endpoint), or(isNull(who), sql`${who} <> ${actor}`));
  const found = await tx
    .select({ id: alertRequest.logId })
    .from(alertRequest)
    .innerJoin(alert, eq(alert.id, alertRequest.alertId))
    .where(and(eq(alert.service, place.service), others))
    .limit(1);
  return found.length > 0;
}

/** Columns that hold names of endpoints, alone or within JSON. */
const HOLDING: readonly PgColumn[] = [
  ...[alert.endpoint, decision.endpoint, alertRequest.endpoint, service.settings],
  ...[backtest.settings, backtest.patch, backtest.result, approval.body],
];

/** Names of endpoints in the records that still hold the id as a word. */
export async function endpointsThatNameIt(tx: Transaction, actor: string): Promise<number> {
  const names = new Set<string>();
  for (const column of HOLDING) {
    const rows = await tx.selectDistinct({ value: column }).from(column.table).where(mayName(column, actor));
    for (const { value } of rows) for (const name of namesWithin(value, 'endpoint')) if (named(name, actor)) names.add(name);
  }
  return names.size;
}

/** @param member in which the value stands */
function namesWithin(value: unknown, member: string): string[] {
  if (typeof value === 'string') return ['endpoint', 'steps'].includes(member) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => namesWithin(item, member));
  if (typeof value !== 'object' || value === null) return [];
  const isEndpoint = 'type' in value && value.type === 'endpoint';
  return Object.entries(value).flatMap(([name, inner]) => namesWithin(inner, isEndpoint && name === 'id' ? 'endpoint' : name));
}
