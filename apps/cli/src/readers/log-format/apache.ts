/**
 * Apache's `LogFormat`: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html. Directives with their modifiers
 * (`%>s`, `%!200,304{Referer}i`); what Apache does not have is refused by name.
 */
import { Fault } from '../../fault.js';
import { type Field, joined, type Piece } from './pattern.js';
import { timePieces } from './strftime.js';

/** The formats that Apache's documentation and most distributions name. */
export const NAMED: Record<string, string> = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
  vhost_common: '%v %h %l %u %t "%r" %>s %b',
  vhost_combined: '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"',
  combinedio: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %I %O',
};

const fields: Record<string, Field> = {
  a: 'address',
  h: 'address',
  u: 'user',
  r: 'request',
  m: 'method',
  U: 'path',
  s: 'status',
  b: 'bytes-out',
  B: 'bytes-out',
  O: 'bytes-out',
  I: 'bytes-in',
  D: 'duration-us',
  T: 'duration-s',
  L: 'trace',
};
/** What else Apache can write; passed over. */
const PASSED = new Set([...'AfHklpPqRSvVXCenio'].concat('^ti', '^to', '^FB'));
const headers: Record<string, Field> = { 'user-agent': 'agent', 'x-forwarded-for': 'forwarded' };
const units: Record<string, Field> = { s: 'duration-s', ms: 'duration-ms', us: 'duration-us' };

const BRACKETED = /\[\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2}(?:\.\d{1,9})? [+-]\d{4}\]/y;
const DIRECTIVE = /%(?:!?\d{3}(?:,\d{3})*)?([<>]?)(?:\{([^}]*)\})?[<>]?(\^ti|\^to|\^FB|[a-zA-Z%])|[^%]+|%/g;

export function apachePieces(format: string): Piece[] {
  const pieces: Piece[] = [];
  const unknown: string[] = [];
  for (const [found, first, argument, letter] of format.matchAll(DIRECTIVE)) {
    if (letter === undefined && found !== '%') pieces.push(found);
    else if (letter === '%') pieces.push('%');
    else if (letter === 't') pieces.push(...timeOf(argument));
    else {
      const field = letter === undefined ? undefined : fieldOf(letter, argument, first === '<');
      if (field) pieces.push({ field, name: found });
      else unknown.push(found === '%' ? format.slice(format.indexOf('%')).slice(0, 10) : found);
    }
  }
  if (unknown.length > 0) throw new Fault(`No directive of Apache's LogFormat: ${unknown.join(', ')}.`);
  return joined(pieces);
}

const timeOf = (argument: string | undefined): Piece[] =>
  argument ? timePieces(argument) : [{ field: 'clf-time', name: '%t', shape: new RegExp(BRACKETED) }];

/** @param before `%<s`: what was so before an internal redirection, which is not what the client got */
function fieldOf(letter: string, argument: string | undefined, before: boolean): Field | undefined {
  if (before || (letter === 'a' && argument === 'c')) return 'skip';
  if (letter === 'i') return headers[(argument ?? '').toLowerCase()] ?? 'skip';
  if (letter === 'T' && argument !== undefined) return units[argument];
  return fields[letter] ?? (PASSED.has(letter) ? 'skip' : undefined);
}
