/**
 * A log format as a list of pieces, literal text and fields between it, and the one way through a line. Linear in the
 * line: a field runs to the next literal, or is what its own shape matches; nothing is tried twice, since lines are hostile.
 */

/** What a field says. `skip`: nothing that a request log has room for. */
export type Field =
  | 'address'
  | 'forwarded'
  | 'user'
  | 'clf-time'
  | 'iso-time'
  | 'epoch-s'
  | 'epoch-ms'
  | 'epoch-us'
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'zone'
  | 'request'
  | 'method'
  | 'target'
  | 'path'
  | 'status'
  | 'bytes-out'
  | 'bytes-in'
  | 'agent'
  | 'duration-s'
  | 'duration-ms'
  | 'duration-us'
  | 'upstream-s'
  | 'trace'
  | 'skip';

/** `name`: as the format string writes it, for what is said to people. `shape`: sticky, where the text may hold the next literal. */
export interface FieldPiece {
  field: Field;
  name: string;
  shape?: RegExp;
}
export type Piece = string | FieldPiece;

/** The texts of a line's fields; of a field that stands twice the last one that says something. */
export type Values = Partial<Record<Field, string>>;

/** Literals next to each other become one. */
export function joined(pieces: readonly Piece[]): Piece[] {
  const whole: Piece[] = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') whole[whole.length - 1] = last + piece;
    else if (piece !== '') whole.push(piece);
  }
  return whole;
}

/** Two fields without anything between them, the first of which could end anywhere. */
export function unparted(pieces: readonly Piece[]): [FieldPiece, FieldPiece] | undefined {
  for (const [at, piece] of pieces.entries()) {
    const next = pieces[at + 1];
    if (typeof piece !== 'string' && next !== undefined && typeof next !== 'string' && !piece.shape) return [piece, next];
  }
  return undefined;
}

const LONGEST_SHOWN = 40;
const shown = (text: string) => JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text);

/** The values of a line, or why it is not of this format. */
export function valuesOf(pieces: readonly Piece[], line: string): Values | { reason: string } {
  const values: Values = {};
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece === 'string') {
      // After a field its end was found, so that only the first literal and one behind a shape can be missing.
      if (!line.startsWith(piece, at)) return { reason: `not of the format: ${shown(piece)} is missing at column ${at + 1}` };
      at += piece.length;
      continue;
    }
    const end = endOf(piece, pieces[index + 1], index + 2 >= pieces.length, line, at);
    if (end === undefined) return { reason: reasonOf(piece, pieces[index + 1], line, at) };
    const text = line.slice(at, end);
    if (values[piece.field] === undefined || (text !== '' && text !== '-')) values[piece.field] = text;
    at = end;
  }
  return at === line.length ? values : { reason: `not of the format: it goes on at column ${at + 1}` };
}

/** Where the field's text ends; `last`: the next piece is the last one, and ends the line. */
function endOf({ shape }: FieldPiece, next: Piece | undefined, last: boolean, line: string, from: number): number | undefined {
  if (shape) {
    shape.lastIndex = from;
    return shape.test(line) ? shape.lastIndex : undefined;
  }
  if (next === undefined) return line.length;
  if (typeof next !== 'string') return undefined;
  if (last) return line.endsWith(next) && line.length - next.length >= from ? line.length - next.length : undefined;
  let end = line.indexOf(next, from);
  if (next.startsWith('"')) while (end > from && escaped(line, end, from)) end = line.indexOf(next, end + 1);
  return end < 0 ? undefined : end;
}

/** Behind an odd number of backslashes. */
function escaped(line: string, at: number, from: number): boolean {
  let slashes = 0;
  while (at - slashes > from && line[at - slashes - 1] === '\\') slashes += 1;
  return slashes % 2 === 1;
}

function reasonOf({ name, shape }: FieldPiece, next: Piece | undefined, line: string, at: number): string {
  if (shape) return `not of the format: no ${name} at column ${at + 1}: ${shown(line.slice(at))}`;
  return `not of the format: no ${shown(typeof next === 'string' ? next : '')} behind ${name}, from column ${at + 1}`;
}
