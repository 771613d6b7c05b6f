/**
 * Request logs by columns, from the moment when they are recorded: numbers in typed arrays, each text once. To keep an
 * object a log until it is shipped, to write each by itself and to pack all that was most of what the SDK cost its host:
 * here a text that came before costs one look-up, and what a log leaves for the garbage collector is nothing.
 */
import type { Column, ColumnBatch, RequestLogInput } from '@plimsoll/contracts';
import { type BoundLog, cleanText } from './log.js';

type Value = string | boolean | undefined;

/** Place of a text that a log does not have. */
const NONE = -1;
const FIRST_CAPACITY = 64;
/** Where nearly all of a column's first texts are unlike, as with paths that hold ids, later ones are not looked for: it would cost more than it saves. */
const LOOKED_FOR = 256;
const ALL_UNLIKE = 7 / 8;

export class LogColumns {
  #capacity = 0;
  #count = 0;
  /** The logs before were dropped. */
  #first = 0;
  #sizeBytes = 0;
  #droppedBytes = 0;
  #ts = new Float64Array(0);
  #duration = new Float64Array(0);
  #bytesIn = new Float64Array(0);
  #bytesOut = new Float64Array(0);
  #status = new Uint16Array(0);
  #size = new Uint32Array(0);
  /** Times that the host gave as texts. */
  readonly #writtenTimes = new Map<number, string>();
  readonly #texts = new Texts();
  readonly #method = new TextColumn(this.#texts);
  readonly #path = new TextColumn(this.#texts);
  readonly #ip = new TextColumn(this.#texts);
  readonly #userAgent = new TextColumn(this.#texts);
  readonly #route = new TextColumn(this.#texts);
  readonly #actor = new TextColumn(this.#texts);
  readonly #authenticated = new TextColumn(this.#texts);
  readonly #auth = new TextColumn(this.#texts);
  readonly #credential = new TextColumn(this.#texts);
  readonly #verdict = new TextColumn(this.#texts);
  readonly #traceId = new TextColumn(this.#texts);
  readonly #id = new TextColumn(this.#texts);

  get length(): number {
    return this.#count - this.#first;
  }
  /** Estimate of the logs' size as JSON, one by one. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }
  /** Logs and their size with those that were dropped: their texts are still here. */
  get filled(): { logs: number; bytes: number } {
    return { logs: this.#count, bytes: this.#sizeBytes + this.#droppedBytes };
  }

  add(log: BoundLog): void {
    const at = this.#count;
    if (at === this.#capacity) this.#grow();
    this.#ts[at] = typeof log.ts === 'number' ? log.ts : Number.NaN;
    if (typeof log.ts === 'string') this.#writtenTimes.set(at, log.ts);
    this.#duration[at] = log.duration;
    this.#bytesIn[at] = log.bytesIn;
    this.#bytesOut[at] = log.bytesOut;
    this.#status[at] = log.status;
    this.#size[at] = log.sizeBytes;
    this.#method.put(at, log.method);
    this.#path.put(at, log.path);
    this.#ip.put(at, log.ip);
    this.#userAgent.put(at, log.userAgent);
    this.#route.put(at, log.route);
    this.#actor.put(at, log.actor);
    this.#authenticated.put(at, log.authenticated);
    this.#auth.put(at, log.auth);
    this.#credential.put(at, log.credential);
    this.#verdict.put(at, log.verdict);
    this.#traceId.put(at, log.traceId);
    this.#id.put(at, log.id);
    this.#sizeBytes += log.sizeBytes;
    this.#count = at + 1;
  }

  /** No more will be added: what only that needs is let go, which is a third of what a batch of unlike logs takes. */
  seal(): void {
    this.#texts.seal();
  }

  /** Drops the oldest log; answers its size. */
  dropFirst(): number {
    const size = this.#size[this.#first] ?? 0;
    this.#first += 1;
    this.#sizeBytes -= size;
    this.#droppedBytes += size;
    return size;
  }

  /** Undefined where a log's time is a text: then they can only be written one by one. */
  batch(): ColumnBatch | undefined {
    // What was dropped must not go out with the texts.
    if (this.#first > 0) return this.part(0, this.length).batch();
    if (this.#writtenTimes.size > 0) return undefined;
    const count = this.#count;
    const columns: ColumnBatch['columns'] = {
      ts: differences(this.#ts, count),
      duration: columnOf(this.#duration, count),
      status: columnOf(this.#status, count),
      bytesIn: columnOf(this.#bytesIn, count),
      bytesOut: columnOf(this.#bytesOut, count),
    };
    for (const [name, column] of Object.entries(this.#named())) {
      const places = columnOf(column.places, count);
      if (places !== NONE) columns[name as keyof ColumnBatch['columns']] = places;
    }
    return { count, from: this.#ts[0] ?? 0, values: this.#texts.all, columns };
  }

  /** The logs one by one. */
  rows(): RequestLogInput[] {
    const rows: RequestLogInput[] = [];
    const named = Object.entries(this.#named());
    for (let at = this.#first; at < this.#count; at += 1) {
      const row: Record<string, unknown> = {
        ts: this.#writtenTimes.get(at) ?? this.#ts[at],
        status: this.#status[at],
        durationMs: (this.#duration[at] ?? 0) / 100,
        bytesIn: this.#bytesIn[at],
        bytesOut: this.#bytesOut[at],
      };
      for (const [name, column] of named) {
        const value = this.#texts.all[column.places[at] ?? NONE];
        if (value !== undefined) row[name] = value;
      }
      rows.push(row as unknown as RequestLogInput);
    }
    return rows;
  }

  /** Some of the logs, by themselves. */
  part(from: number, to: number): LogColumns {
    const part = new LogColumns();
    for (const [index, row] of this.rows().slice(from, to).entries()) {
      const sizeBytes = this.#size[this.#first + from + index] ?? 0;
      const { durationMs = 0, bytesIn = 0, bytesOut = 0, userAgent = '' } = row;
      const { id, route, actor, authenticated, auth, credential, traceId, verdict } = row;
      const optional = { id, route, actor, authenticated, auth, credential, traceId, verdict };
      part.add({ ...row, ...optional, bytesIn, bytesOut, userAgent, duration: Math.round(durationMs * 100), sizeBytes });
    }
    return part;
  }

  /** Empty, to be filled again. */
  clear(): void {
    this.#count = 0;
    this.#first = 0;
    this.#sizeBytes = 0;
    this.#droppedBytes = 0;
    this.#writtenTimes.clear();
    this.#texts.clear();
    for (const column of Object.values(this.#named())) column.clear();
  }

  #named() {
    return {
      method: this.#method,
      path: this.#path,
      ip: this.#ip,
      userAgent: this.#userAgent,
      route: this.#route,
      actor: this.#actor,
      authenticated: this.#authenticated,
      auth: this.#auth,
      credential: this.#credential,
      verdict: this.#verdict,
      traceId: this.#traceId,
      id: this.#id,
    };
  }

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, Math.ceil(this.#capacity * 1.5));
    this.#ts = grown(this.#ts, new Float64Array(capacity));
    this.#duration = grown(this.#duration, new Float64Array(capacity));
    this.#bytesIn = grown(this.#bytesIn, new Float64Array(capacity));
    this.#bytesOut = grown(this.#bytesOut, new Float64Array(capacity));
    this.#status = grown(this.#status, new Uint16Array(capacity));
    this.#size = grown(this.#size, new Uint32Array(capacity));
    for (const column of Object.values(this.#named())) column.places = grown(column.places, new Int32Array(capacity));
    this.#capacity = capacity;
  }
}

/** Texts and truth values, each once, cleaned when it comes first. */
class Texts {
  all: (string | boolean)[] = [];
  readonly #places = new Map<string | boolean, number>();

  placeOf(value: string | boolean): number {
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    const place = this.add(value);
    this.#places.set(value, place);
    return place;
  }

  /** Once more, whether it is there or not. */
  add(value: string | boolean): number {
    return this.all.push(typeof value === 'string' ? cleanText(value) : value) - 1;
  }

  seal(): void {
    this.#places.clear();
  }

  clear(): void {
    this.all = [];
    this.#places.clear();
  }
}

class TextColumn {
  places = new Int32Array(0);
  /** What came last mostly comes again. */
  #last: Value;
  #lastPlace = NONE;
  #asked = 0;
  #fresh = 0;

  constructor(private readonly texts: Texts) {}

  put(at: number, value: Value): void {
    if (value !== this.#last) {
      this.#lastPlace = value === undefined ? NONE : this.#placeOf(value);
      this.#last = value;
    }
    this.places[at] = this.#lastPlace;
  }

  #placeOf(value: string | boolean): number {
    if (this.#asked === LOOKED_FOR && this.#fresh > LOOKED_FOR * ALL_UNLIKE) return this.texts.add(value);
    if (this.#asked < LOOKED_FOR) this.#asked += 1;
    const before = this.texts.all.length;
    const place = this.texts.placeOf(value);
    if (place === before && this.#asked < LOOKED_FOR) this.#fresh += 1;
    return place;
  }

  clear(): void {
    this.#last = undefined;
    this.#lastPlace = NONE;
    this.#asked = 0;
    this.#fresh = 0;
  }
}

type Numbers = Float64Array | Int32Array | Uint16Array | Uint32Array;

/** One number where it is the same for all. */
function columnOf(numbers: Numbers, count: number): Column {
  const first = numbers[0] ?? 0;
  let at = 1;
  while (at < count && numbers[at] === first) at += 1;
  if (at >= count) return first;
  const column: number[] = [];
  for (let index = 0; index < count; index += 1) column.push(small(numbers[index] ?? 0));
  return column;
}

/** Each less the one before; 0 first. */
function differences(numbers: Float64Array, count: number): number[] {
  const column = [0];
  for (let index = 1; index < count; index += 1) column.push(small((numbers[index] ?? 0) - (numbers[index - 1] ?? 0)));
  return column;
}

/** As V8's small integer where it is one: a list of these is written twice as fast as one of doubles. */
const small = (number: number): number => (number === (number | 0) ? number | 0 : number);

function grown<T extends Numbers>(old: T, into: T): T {
  into.set(old);
  return into;
}
