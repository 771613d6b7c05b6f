/**
 * Reads a series from CSV: a header that names the columns `timestamp` and `value`, then a point a line. A series is no
 * log: a line that cannot be read would shift every judgement after it, so it ends the reading, by its number.
 */
import { Fault } from '../fault.js';
import { linesOf } from '../readers/lines.js';
import { chunksOf } from '../readers/log-file.js';

export interface Point {
  /** Milliseconds since the epoch. */
  ts: number;
  value: number;
  /** Both as they stand in the file. */
  text: { timestamp: string; value: string };
}

/** @param path a file, plain or gzipped, or `-` for standard input */
export async function* pointsOf(path: string): AsyncGenerator<Point> {
  const name = path === '-' ? 'standard input' : path;
  let columns: Columns | undefined;
  for await (const { text, tooLong, number } of linesOf(chunksOf(path))) {
    const fault = (sentence: string) => new Fault(`${name}, line ${number}: ${sentence}`);
    if (tooLong) throw fault('the line is longer than a megabyte.');
    if (text.trim() === '') continue;
    const fields = text.split(',').map(bare);
    if (columns) yield pointOf(fields, columns, fault);
    else columns = columnsOf(fields, fault);
  }
  if (!columns) throw new Fault(`${name} is empty: a header "timestamp,value" and a point a line are expected.`);
}

interface Columns {
  timestamp: number;
  value: number;
}
type FaultAt = (sentence: string) => Fault;

function columnsOf(fields: readonly string[], fault: FaultAt): Columns {
  const names = fields.map((field) => field.replace(/^\uFEFF/, '').toLowerCase());
  const [timestamp, value] = [names.map(bare).indexOf('timestamp'), names.map(bare).indexOf('value')];
  if (timestamp < 0 || value < 0)
    throw fault(`the header must name the columns timestamp and value, not ${shown(fields.join(','))}.`);
  return { timestamp, value };
}

function pointOf(fields: readonly string[], columns: Columns, fault: FaultAt): Point {
  const timestamp = fields[columns.timestamp] ?? '';
  const text = fields[columns.value];
  if (text === undefined) throw fault(`there are ${fields.length} fields, and the value would be number ${columns.value + 1}.`);
  const ts = timeOf(timestamp);
  if (ts === undefined) {
    throw fault(
      `the timestamp ${shown(timestamp)} is neither ISO 8601, nor "2026-01-31 23:59:00", nor seconds or milliseconds since 1970.`,
    );
  }
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw fault(`the value ${shown(text)} is no finite number.`);
  return { ts, value, text: { timestamp, value: text } };
}

const WRITTEN = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}:\d{2})?$/i;
/** Numbers from here on are milliseconds: as seconds they would lie beyond the year 5000. */
const LEAST_MILLISECONDS = 1e11;

/** Milliseconds since the epoch; a time without a zone is taken as UTC. */
export function timeOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    return number < LEAST_MILLISECONDS ? number * 1000 : number;
  }
  const [, date, time, zone = 'Z'] = WRITTEN.exec(text) ?? [];
  const day = Date.parse(`${date}T00:00Z`);
  // JavaScript turns the 31st of February into the 3rd of March.
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return undefined;
  const ts = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(ts) ? undefined : ts;
}

const bare = (field: string) => field.trim().replace(/^"(.*)"$/, '$1');
/** A stranger's text, short and without control characters. */
const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
