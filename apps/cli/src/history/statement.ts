/**
 * A request of ClickHouse's HTTP interface as a statement, as far as the official client uses it: the query in the address
 * or the body, `param_*` for what is bound, everything else a setting. Pure.
 */
import type { Statement } from './engine.js';

/** Parts of the interface, not settings of the engine. `query_id` and `session_id` name what an embedded engine has none of. */
const OWN = new Set(['query', 'query_id', 'database', 'session_id', 'role', 'default_format', 'user', 'password']);
/** Settings of the HTTP layer itself. */
const TRANSPORT =
  /^(wait_end_of_query|send_progress_in_http_headers|http_\w+|enable_http_compression|compress|decompress|buffer_size)$/;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/;

/** As a string literal of SQL. */
const literal = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Says in the engine's own words what is wrong with a request. */
export class BadRequest extends Error {}

/** @param readOnly who asks may read and nothing else. @throws BadRequest */
export function statementOf(search: URLSearchParams, body: Buffer, readOnly: boolean): Statement {
  const settings: string[] = [];
  for (const [name, value] of search) {
    if (OWN.has(name) || TRANSPORT.test(name)) continue;
    if (!NAME.test(name)) throw new BadRequest('Code: 115. DB::Exception: A setting has no such name. (UNKNOWN_SETTING)');
    settings.push(`${name} = ${literal(value)}`);
  }
  const format = search.get('default_format') ?? 'TabSeparated';
  const query = search.get('query');
  if (!NAME.test(format)) throw new BadRequest('Code: 73. DB::Exception: There is no such format. (UNKNOWN_FORMAT)');
  if (query === null && body.length === 0) throw new BadRequest('Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)');
  // The last word: nothing set before it can undo it.
  if (readOnly) settings.push('readonly = 1');
  const database = search.get('database');
  if (database !== null && !NAME.test(database))
    throw new BadRequest('Code: 81. DB::Exception: There is no such database. (UNKNOWN_DATABASE)');
  const first = [
    ...(database === null ? [] : [`USE ${database}`]),
    ...(settings.length === 0 ? [] : [`SET ${settings.join(', ')}`]),
  ];
  const set = first.join('; ');
  if (query === null) return { sql: body.toString('utf8'), settings: set, format };
  return { sql: query, settings: set, format, ...(body.length > 0 && { data: body }) };
}
