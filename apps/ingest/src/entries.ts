/**
 * From the bytes of a body to its entries, one a log, as JSON values that nobody has checked yet. Nesting is measured
 * before anything is parsed: a parser's recursion, and whatever walks the value later, must not be a client's choice.
 * `JSON.parse` makes an own `__proto__` harmlessly; nothing here or later copies unknown fields.
 */
import { COLUMNS_TYPE, readColumns } from '@plimsoll/contracts';
import { MAX_BYTES, MAX_RATIO, type MemoryShare, RATIO_FROM_BYTES } from './body.js';
import { ProblemError } from './problem.js';

export const MAX_ENTRIES = 10_000;
export const MAX_DEPTH = 20;
/** What a parsed body takes of the memory, in its own bytes, at worst: `[],` is 3 of them and an array of 40. */
export const PARSED_FACTOR = 16;

/** Stands in for a line of NDJSON that is no JSON. */
export class Unreadable {
  constructor(readonly reason: string) {}
}

export type BodyForm = 'json' | 'ndjson' | 'columns';

/** @throws ProblemError `unsupported-media-type`. Parameters such as the charset are accepted where they say UTF-8. */
export function bodyForm(contentType: string | undefined): BodyForm {
  const match = /^(application\/(?:json|x-ndjson|ndjson|vnd\.plimsoll\.columns\+json))[ ]*(?:;[ ]*charset="?utf-8"?[ ]*)?$/i.exec(
    contentType ?? '',
  );
  if (match === null) {
    throw new ProblemError(
      'unsupported-media-type',
      `Content-Type may be application/json, application/x-ndjson or ${COLUMNS_TYPE}`,
    );
  }
  const type = match[1]?.toLowerCase();
  if (type === COLUMNS_TYPE) return 'columns';
  return type === 'application/json' ? 'json' : 'ndjson';
}

/**
 * `{"requests": [...]}`, a log a line with empty lines left out, or a batch by columns.
 *
 * @param share told of what columns grow to.
 * @throws ProblemError `invalid-body`, `too-large` beyond {@link MAX_ENTRIES} or, of columns, beyond what the same logs may have one by one.
 */
export function readEntries(body: Buffer, form: BodyForm, share: Pick<MemoryShare, 'hold'>): unknown[] {
  const entries = form === 'json' ? jsonEntries(body) : form === 'ndjson' ? ndjsonEntries(body) : columnEntries(body, share);
  if (entries.length === 0) throw new ProblemError('invalid-body', 'The batch is empty');
  if (entries.length > MAX_ENTRIES) throw tooMany();
  return entries;
}

const tooMany = () => new ProblemError('too-large', `A batch may have ${MAX_ENTRIES} request logs`);

function jsonEntries(body: Buffer): unknown[] {
  const value = parse(body);
  if (value instanceof Unreadable) throw new ProblemError('invalid-body', `The body is ${value.reason}`);
  const requests =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'requests') && 'requests' in value
      ? value.requests
      : value;
  if (!Array.isArray(requests) || requests === value) {
    throw new ProblemError('invalid-body', undefined, { errors: [{ field: 'requests', reason: 'an array of request logs' }] });
  }
  return requests;
}

function ndjsonEntries(body: Buffer): unknown[] {
  const entries: unknown[] = [];
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(10, start);
    const end = newline === -1 ? body.length : newline;
    const line = body.subarray(start, end);
    if (!isBlank(line)) entries.push(parse(line));
    if (entries.length > MAX_ENTRIES) throw tooMany();
    start = end + 1;
  }
  return entries;
}

/** Texts that many logs share stand here once, but count wherever they stand: as in a body that is unpacked, a few bytes may not grow to many. */
function columnEntries(body: Buffer, share: Pick<MemoryShare, 'hold'>): unknown[] {
  const value = parse(body);
  if (value instanceof Unreadable) throw new ProblemError('invalid-body', `The body is ${value.reason}`);
  const bytes = Math.min(MAX_BYTES, Math.max(RATIO_FROM_BYTES, body.length * MAX_RATIO));
  const read = readColumns(value, { logs: MAX_ENTRIES, bytes });
  if (read.type === 'too-large')
    throw new ProblemError('too-large', `A batch may have ${MAX_ENTRIES} request logs, of ${bytes} bytes together`);
  if (read.type === 'invalid') {
    throw new ProblemError('invalid-body', undefined, { errors: [{ field: read.field, reason: read.reason }] });
  }
  share.hold(body.length * PARSED_FACTOR + read.sizeBytes);
  return read.entries;
}

const isBlank = (line: Buffer) => line.length === 0 || (line.length === 1 && line[0] === 13);

function parse(bytes: Buffer): unknown {
  if (isDeeper(bytes, MAX_DEPTH)) return new Unreadable(`nested deeper than ${MAX_DEPTH} levels`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return new Unreadable('not JSON');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether arrays and objects nest deeper than `cap`, by one pass over the bytes that knows strings and escapes. */
export function isDeeper(bytes: Buffer, cap: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > cap) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}
