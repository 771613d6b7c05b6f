/** Apache's `%{...}t`: a time in the words of strftime(3), or one of Apache's own, as pieces of a line. */
import { Fault } from '../../fault.js';
import type { Field, Piece } from './pattern.js';

const parts: Record<string, readonly [field: Field, shape: RegExp]> = {
  Y: ['year', /\d{4}/y],
  m: ['month', /\d{1,2}/y],
  b: ['month', /[A-Z][a-z]{2}/y],
  h: ['month', /[A-Z][a-z]{2}/y],
  d: ['day', /\d{1,2}/y],
  e: ['day', / ?\d{1,2}/y],
  H: ['hour', /\d{1,2}/y],
  M: ['minute', /\d{2}/y],
  S: ['second', /\d{2}/y],
  z: ['zone', /[+-]\d{2}:?\d{2}|Z/y],
  Z: ['zone', /UTC|GMT|Z/y],
  s: ['epoch-s', /\d{1,12}/y],
  a: ['skip', /[A-Z][a-z]{2}/y],
  A: ['skip', /[A-Z][a-z]{2,9}/y],
  j: ['skip', /\d{3}/y],
};
const short: Record<string, string> = { T: '%H:%M:%S', F: '%Y-%m-%d', R: '%H:%M', D: '%m/%d/%y', n: '\n', t: '\t', '%': '%' };
const own: Record<string, readonly [field: Field, shape: RegExp]> = {
  sec: ['epoch-s', /\d{1,12}/y],
  msec: ['epoch-ms', /\d{1,15}/y],
  usec: ['epoch-us', /\d{1,18}/y],
  msec_frac: ['fraction', /\d{3}/y],
  usec_frac: ['fraction', /\d{6}/y],
};

/** @param text what stands between the braces */
export function timePieces(text: string): Piece[] {
  const format = text.replace(/^(?:begin|end):/, '');
  const name = `%{${text}}t`;
  const known = own[format];
  if (known) return [{ field: known[0], name, shape: new RegExp(known[1]) }];
  const pieces: Piece[] = [];
  const spelt = format.replace(/%([TFRD])/g, (_, letter: string) => short[letter] ?? '');
  for (const [found, letter] of spelt.matchAll(/%([a-zA-Z%])|[^%]+|%/g)) {
    const part = letter === undefined ? undefined : parts[letter];
    const literal = letter === undefined ? found : short[letter];
    if (part) pieces.push({ field: part[0], name: `%${letter} of ${name}`, shape: new RegExp(part[1]) });
    else if (literal !== undefined && found !== '%') pieces.push(literal);
    else throw new Fault(`${name}: ${found} is no part of a time that can be read back. Known: ${Object.keys(parts).join(' ')}.`);
  }
  return pieces;
}
