/** A filter as a condition of SQL. Values are bound by the server, never written into the text. */
import type { HistoryFilter } from '@plimsoll/contracts';
import { plainAddress, plainRange } from '../addresses.js';

/** A service and a time are always named: they are the beginning of the order in which logs lie. */
export interface Condition {
  sql: string;
  params: Record<string, unknown>;
}

/** The wildcards of LIKE, literally. */
const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&');

/** @param held an address as logs have it, or a range. @param name of the parameter that is bound to it. */
export const ofAddress = (held: string, name: string) =>
  held.includes('/') ? `isIPAddressInRange(ip, {${name}:String})` : `ip = {${name}:String}`;

export function conditionOf(filter: HistoryFilter): Condition {
  const { service, from, to } = filter;
  const parts = [
    'service = {service:String}',
    'ts >= fromUnixTimestamp64Milli({from:Int64})',
    'ts < fromUnixTimestamp64Milli({to:Int64})',
  ];
  const params: Record<string, unknown> = { service, from, to };
  const add = (sql: string, name: string, value: unknown) => {
    parts.push(sql);
    params[name] = value;
  };
  if (filter.actor !== undefined) add('actor = {actor:String}', 'actor', filter.actor);
  if (filter.address !== undefined) {
    const asked = filter.address.includes('/') ? plainRange(filter.address) : (plainAddress(filter.address) ?? filter.address);
    add(ofAddress(asked, 'address'), 'address', asked);
  }
  if (filter.credential !== undefined) add('credential = {credential:String}', 'credential', filter.credential);
  if (filter.endpoint !== undefined) add('endpoint = {endpoint:String}', 'endpoint', filter.endpoint);
  if (filter.method !== undefined) add('method = {method:String}', 'method', filter.method);
  if (filter.path !== undefined) {
    add('lowerUTF8(path) LIKE {path:String}', 'path', `%${literal(filter.path.toLowerCase())}%`);
  }
  if (filter.verdict?.length) add('verdict IN {verdicts:Array(String)}', 'verdicts', filter.verdict);
  if (filter.status?.length) {
    const classes = filter.status.filter((status) => status.endsWith('xx')).map((status) => Number(status[0]));
    const codes = filter.status.filter((status) => !status.endsWith('xx')).map(Number);
    add('(status IN {codes:Array(UInt16)} OR intDiv(status, 100) IN {classes:Array(UInt16)})', 'codes', codes);
    params['classes'] = classes;
  }
  return { sql: parts.join(' AND '), params };
}
