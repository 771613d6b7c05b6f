/**
 * A batch of request logs by columns: what is the same in many logs is written once, times as differences. It is a fifth of
 * the same logs one by one, and costs a host a third of the work to write and to pack. What is read from it is checked
 * log by log like any other entry; here it is only bounded, since a few bytes of it may stand for many logs.
 */

/** Media type of a {@link ColumnBatch}. */
export const COLUMNS_TYPE = 'application/vnd.plimsoll.columns+json';

/** Columns whose numbers are places in `values`. */
const TEXT_COLUMNS = [
  'id',
  'method',
  'route',
  'path',
  'ip',
  'userAgent',
  'actor',
  'authenticated',
  'auth',
  'credential',
  'traceId',
  'verdict',
] as const;
/** Columns of the numbers themselves. */
const NUMBER_COLUMNS = ['status', 'bytesIn', 'bytesOut'] as const;

/** A number a log, or one number that holds for all of them. */
export type Column = number | number[];

export interface ColumnBatch {
  /** How many logs. */
  count: number;
  /** Time of the first log, milliseconds since the epoch. */
  from: number;
  /** Every text and truth value of the columns, once. */
  values: (string | boolean)[];
  columns: {
    /** Milliseconds since the log before; 0 in the first. */
    ts: Column;
    /** Hundredths of a millisecond, whole. */
    duration: Column;
    status: Column;
    bytesIn: Column;
    bytesOut: Column;
    // Places in `values`, -1 where a log has none; a column that no log has is left out.
    id?: Column;
    method?: Column;
    route?: Column;
    path?: Column;
    ip?: Column;
    userAgent?: Column;
    actor?: Column;
    authenticated?: Column;
    auth?: Column;
    credential?: Column;
    traceId?: Column;
    verdict?: Column;
  };
}

/** What a log takes at least, however little is in it. */
const LOG_BYTES = 100;

export type ReadColumns =
  | { type: 'entries'; entries: unknown[]; sizeBytes: number }
  | { type: 'invalid'; field: string; reason: string }
  /** More logs, or more text in them, than allowed. */
  | { type: 'too-large' };

/**
 * The logs of a batch by columns, one by one and unchecked; unknown columns are passed over.
 *
 * @param most logs, and bytes that they may have together, each text counted wherever it stands (in UTF-16 units).
 */
export function readColumns(value: unknown, most: { logs: number; bytes: number }): ReadColumns {
  const { count, from, values, columns } = isRecord(value) ? value : {};
  if (!Number.isSafeInteger(count) || (count as number) < 1) return invalid('count', 'how many logs there are, at least 1');
  if ((count as number) > most.logs) return { type: 'too-large' };
  if (!Number.isSafeInteger(from)) return invalid('from', 'the time of the first log, milliseconds since the epoch');
  if (!Array.isArray(values) || !values.every(isScalar)) return invalid('values', 'a list of texts and truth values');
  if (!isRecord(columns)) return invalid('columns', 'an object of columns');
  const reader = new Reader(count as number, values, columns, most.bytes);
  return reader.read(from as number);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is string | boolean => typeof value === 'string' || typeof value === 'boolean';
const invalid = (field: string, reason: string): ReadColumns => ({ type: 'invalid', field, reason });

class Reader {
  readonly #entries: Record<string, unknown>[] = [];
  #sizeBytes: number;

  constructor(
    private readonly count: number,
    private readonly values: readonly (string | boolean)[],
    private readonly columns: Record<string, unknown>,
    private readonly mostBytes: number,
  ) {
    this.#sizeBytes = count * LOG_BYTES;
  }

  read(from: number): ReadColumns {
    if (this.#sizeBytes > this.mostBytes) return { type: 'too-large' };
    for (let index = 0; index < this.count; index += 1) this.#entries.push({});
    let ts = from;
    const fault =
      this.#numbers('ts', (entry, number) => {
        ts += number;
        entry['ts'] = ts;
      }) ??
      this.#numbers('duration', (entry, number) => {
        entry['durationMs'] = number / 100;
      }) ??
      this.#plainNumbers() ??
      this.#texts();
    return fault ?? { type: 'entries', entries: this.#entries, sizeBytes: this.#sizeBytes };
  }

  #plainNumbers(): ReadColumns | undefined {
    for (const name of NUMBER_COLUMNS) {
      const fault = this.#numbers(name, (entry, number) => {
        entry[name] = number;
      });
      if (fault) return fault;
    }
    return undefined;
  }

  #texts(): ReadColumns | undefined {
    for (const name of TEXT_COLUMNS) {
      let outside = false;
      const fault = this.#numbers(name, (entry, place) => {
        if (place === -1 || outside) return;
        const value = this.values[place];
        if (value === undefined) outside = true;
        else if (typeof value === 'string') this.#sizeBytes += value.length;
        entry[name] = value;
      });
      if (fault) return fault;
      if (outside) return invalid(`columns.${name}`, 'places in `values`, or -1');
      if (this.#sizeBytes > this.mostBytes) return { type: 'too-large' };
    }
    return undefined;
  }

  /** Gives each log its number of a column; nothing where there is no such column. */
  #numbers(name: string, give: (entry: Record<string, unknown>, number: number) => void): ReadColumns | undefined {
    const column = Object.hasOwn(this.columns, name) ? this.columns[name] : undefined;
    if (column === undefined) return undefined;
    const list = Array.isArray(column) ? column : undefined;
    if (list ? list.length !== this.count : typeof column !== 'number')
      return invalid(`columns.${name}`, 'a number for each log, or one for all');
    for (const [index, entry] of this.#entries.entries()) {
      const number: unknown = list ? list[index] : column;
      if (typeof number !== 'number') return invalid(`columns.${name}`, 'a number for each log, or one for all');
      give(entry, number);
    }
    return undefined;
  }
}
