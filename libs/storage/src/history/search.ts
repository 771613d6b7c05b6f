/** Finding request logs: a page of those that a filter means, and those around one of them. */
import type { HistoryFilter } from '@plimsoll/contracts';
import type { Page } from '../cursors.js';
import { conditionOf } from './filter.js';
import type { History } from './history.js';
import { type KeptLog, READ, type Row, splitId, toKept } from './rows.js';

/** Where a page ended: time and id. Opaque to clients, and of no authority. */
interface Position {
  ts: number;
  id: string;
}

const FORM = /^(\d{1,16}) (.{1,128})$/s;
const encode = ({ ts, id }: Position) => Buffer.from(`${ts} ${id}`).toString('base64url');

/** Undefined where the text is not one of ours in its one canonical form. */
function decode(text: string): Position | undefined {
  const [, ts, id] = FORM.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (ts === undefined || id === undefined) return undefined;
  const position = { ts: Number(ts), id };
  return encode(position) === text ? position : undefined;
}

export type Order = 'newest' | 'oldest';

/** By hour first, as logs lie: the engine then reads hour by hour and stops when the page is full. */
const ORDER: Record<Order, string> = {
  newest: 'toStartOfHour(ts) DESC, ts DESC, id_stem DESC, id_number DESC',
  oldest: 'toStartOfHour(ts), ts, id_stem, id_number',
};

function behind(cursor: string | undefined, order: Order): { sql: string; params: Record<string, unknown> } | undefined {
  if (cursor === undefined) return { sql: '', params: {} };
  const position = decode(cursor);
  if (position === undefined) return undefined;
  const [stem, number] = splitId(position.id);
  const [sign, time] = order === 'newest' ? ['<', '<='] : ['>', '>='];
  const at = 'fromUnixTimestamp64Milli({cursorTs:Int64})';
  const sql = ` AND ts ${time} ${at} AND (ts, id_stem, id_number) ${sign} (${at}, {cursorStem:String}, {cursorNumber:UInt32})`;
  return { sql, params: { cursorTs: position.ts, cursorStem: stem, cursorNumber: number } };
}

async function rowsOf({ client }: History, query: string, params: Record<string, unknown>): Promise<KeptLog[]> {
  const answer = await client.query({ query, query_params: params, format: 'JSONCompactEachRow' });
  return (await answer.json<Row>()).map(toKept);
}

export interface Search {
  filter: HistoryFilter;
  /** Of the page before. */
  cursor?: string | undefined;
  limit: number;
  order?: Order;
}

/** @returns a page in order of (time, id), which what is written meanwhile does not shift; undefined where the cursor is none of ours. */
export async function searchLogs(history: History, search: Search): Promise<Page<KeptLog> | undefined> {
  const { filter, cursor, limit, order = 'newest' } = search;
  const after = behind(cursor, order);
  if (after === undefined) return undefined;
  const { sql, params } = conditionOf(filter);
  const query = `SELECT ${READ} FROM request_log WHERE ${sql}${after.sql} ORDER BY ${ORDER[order]} LIMIT {limit:UInt32}`;
  const found = await rowsOf(history, query, { ...params, ...after.params, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? encode({ ts: last.log.ts, id: last.log.id }) : null };
}

export interface Neighbourhood {
  service: string;
  /** Of the log in the middle; its time is needed, since logs lie in order of time and not of ids. */
  id: string;
  ts: number;
  of: 'actor' | 'address' | 'credential' | 'service';
  before: number;
  after: number;
}

/** How far around a log its neighbours are looked for: beyond it they explain nothing. */
const AROUND_MS = 7 * 86_400_000;

/** @returns the log and its neighbours, oldest first; undefined where there is no such log. A log without actor or credential has only itself. */
export async function neighbours(history: History, asked: Neighbourhood): Promise<KeptLog[] | undefined> {
  const { service, id, ts, of, before, after } = asked;
  const [stem, number] = splitId(id);
  const exact = `service = {service:String} AND ts = fromUnixTimestamp64Milli({ts:Int64}) AND id_stem = {stem:String} AND id_number = {number:UInt32}`;
  const [own] = await rowsOf(history, `SELECT ${READ} FROM request_log WHERE ${exact} LIMIT 1`, { service, ts, stem, number });
  if (own === undefined) return undefined;
  const { actor, ip, credential } = own.log;
  const narrowed = { actor: { actor }, address: { address: ip }, credential: { credential }, service: {} }[of];
  if (of !== 'service' && Object.values(narrowed).every((value) => value === undefined)) return [own];
  const filter = { service, from: Math.max(0, ts - AROUND_MS), to: ts + AROUND_MS, ...narrowed };
  const cursor = encode({ ts, id });
  const page = async (order: Order, limit: number) =>
    limit === 0 ? [] : ((await searchLogs(history, { filter, cursor, limit, order }))?.items ?? []);
  const [earlier, later] = await Promise.all([page('newest', before), page('oldest', after)]);
  return [...earlier.reverse(), own, ...later];
}
