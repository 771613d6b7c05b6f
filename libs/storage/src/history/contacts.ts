/** Whom the requests of a filter were with, counted by the engine, and in which order their endpoints followed each other. */
import type { Contact, Contacts, HistoryFilter, SequenceStep } from '@plimsoll/contracts';
import { conditionOf } from './filter.js';
import type { History } from './history.js';

const MOST = 20;
const MOST_STEPS = 40;
/** The newest requests whose order is looked at. */
const WALKED = 10_000;
/** After such a pause somebody begins anew. */
const PAUSE_MS = 30 * 60_000;

const COLUMNS = {
  actors: 'actor',
  addresses: 'ip',
  devices: 'user_agent',
  credentials: 'credential',
  endpoints: 'endpoint',
} as const;
type List = keyof typeof COLUMNS;

export async function readContacts(history: History, filter: HistoryFilter): Promise<Contacts> {
  const lists = Object.keys(COLUMNS) as List[];
  const [found, steps] = await Promise.all([
    Promise.all(lists.map((list) => listOf(history, filter, COLUMNS[list]))),
    sequence(history, filter),
  ]);
  const named = Object.fromEntries(lists.map((list, index) => [list, found[index] ?? []])) as Record<List, Contact[]>;
  return { ...named, steps };
}

async function listOf({ client }: History, filter: HistoryFilter, column: string): Promise<Contact[]> {
  const { sql, params } = conditionOf(filter);
  const query = `SELECT toString(${column}) AS id, count() AS requests, toUnixTimestamp64Milli(min(ts)) AS first,
      toUnixTimestamp64Milli(max(ts)) AS last
    FROM request_log WHERE ${sql} AND ${column} != '' GROUP BY id ORDER BY requests DESC, id LIMIT {most:UInt32}`;
  const answer = await client.query({ query, query_params: { ...params, most: MOST }, format: 'JSONCompactEachRow' });
  const rows = await answer.json<[id: string, requests: number, first: number, last: number]>();
  return rows.map(([id, requests, firstAt, lastAt]) => ({ id, requests, firstAt, lastAt }));
}

/** Of the newest requests, each source's own order. */
async function sequence({ client }: History, filter: HistoryFilter): Promise<SequenceStep[]> {
  const { sql, params } = conditionOf(filter);
  const query = `SELECT if(actor != '', actor, ip) AS source, toUnixTimestamp64Milli(ts), endpoint
    FROM request_log WHERE ${sql} ORDER BY ts DESC, id_stem DESC, id_number DESC LIMIT {most:UInt32}`;
  const answer = await client.query({ query, query_params: { ...params, most: WALKED }, format: 'JSONCompactEachRow' });
  return stepsOf((await answer.json<[source: string, ts: number, endpoint: string]>()).reverse());
}

/** @param rows oldest first. @returns the most frequent first; an endpoint that follows itself is no step. */
export function stepsOf(rows: readonly (readonly [source: string, ts: number, endpoint: string])[]): SequenceStep[] {
  const last = new Map<string, { ts: number; endpoint: string }>();
  const counts = new Map<string, SequenceStep>();
  for (const [source, ts, endpoint] of rows) {
    const before = last.get(source);
    last.set(source, { ts, endpoint });
    if (before === undefined || before.endpoint === endpoint || ts - before.ts > PAUSE_MS) continue;
    const key = JSON.stringify([before.endpoint, endpoint]);
    const step = counts.get(key) ?? { from: before.endpoint, to: endpoint, times: 0 };
    step.times += 1;
    counts.set(key, step);
  }
  const order = (a: SequenceStep, b: SequenceStep) => b.times - a.times || (a.from + a.to < b.from + b.to ? -1 : 1);
  return [...counts.values()].sort(order).slice(0, MOST_STEPS);
}

/** Who made requests in a time and begins with a text: each kind of party at most {@link MOST}, busiest first. */
export async function findParties(
  { client }: History,
  asked: { services: readonly string[]; text: string; from: number; to: number },
): Promise<{ service: string; type: 'actor' | 'address' | 'credential'; id: string; lastAt: number }[]> {
  const parties = { actor: 'actor', address: 'ip', credential: 'credential' } as const;
  const lists = Object.entries(parties).map(
    ([
      type,
      column,
    ]) => `SELECT '${type}' AS type, service, toString(${column}) AS id, toUnixTimestamp64Milli(max(ts)) AS last, count() AS n
      FROM request_log WHERE service IN {services:Array(String)} AND ts >= fromUnixTimestamp64Milli({from:Int64})
        AND ts < fromUnixTimestamp64Milli({to:Int64}) AND startsWith(${column}, {text:String})
      GROUP BY service, id ORDER BY n DESC, id LIMIT ${MOST}`,
  );
  const query = lists.map((list) => `SELECT type, service, id, last FROM (${list})`).join(' UNION ALL ');
  const answer = await client.query({ query, query_params: asked, format: 'JSONCompactEachRow' });
  const rows = await answer.json<[type: 'actor' | 'address' | 'credential', service: string, id: string, last: number]>();
  return rows.map(([type, service, id, lastAt]) => ({ type, service, id, lastAt }));
}
