/**
 * Server-sent events as the decision feed writes them: `event`, `data` and comment lines that end in \n. Data stay bytes,
 * since it is the bytes that are signed. An event that grows beyond the cap ends the reading: nothing is kept of it.
 */
export interface FeedEvent {
  /** `message` where the event names none. */
  event: string;
  data: Buffer[];
}

const EMPTY = Buffer.alloc(0);
const EVENT = Buffer.from('event: ');
const DATA = Buffer.from('data: ');
const LF = 10;

export class FeedEvents {
  #rest: Buffer = EMPTY;
  /** Chunks after #rest, not joined yet: joining at each chunk would be quadratic. */
  #more: Buffer[] = [];
  #size = 0;

  constructor(private readonly maxBytes: number) {}

  /** The events that this chunk completes; undefined where one is larger than the cap. */
  push(chunk: Buffer): FeedEvent[] | undefined {
    this.#more.push(chunk);
    this.#size += chunk.length;
    const ends = chunk.includes('\n\n') || (chunk[0] === LF && this.#endsWithLine());
    if (!ends) return this.#size > this.maxBytes ? undefined : [];
    const bytes = this.#more.length === 1 && this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, ...this.#more]);
    const events: FeedEvent[] = [];
    let start = 0;
    for (let end = bytes.indexOf('\n\n'); end >= 0; end = bytes.indexOf('\n\n', start)) {
      if (end - start > this.maxBytes) return undefined;
      const event = eventOf(bytes.subarray(start, end));
      if (event !== undefined) events.push(event);
      start = end + 2;
    }
    // A copy: a view would hold the whole chunk for a few bytes.
    this.#rest = start === bytes.length ? EMPTY : Buffer.from(bytes.subarray(start));
    this.#more = [];
    this.#size = this.#rest.length;
    return this.#size > this.maxBytes ? undefined : events;
  }

  /** Did the bytes before the newest chunk end in \n? */
  #endsWithLine(): boolean {
    const before = this.#more.at(-2) ?? this.#rest;
    return before[before.length - 1] === LF;
  }
}

function eventOf(bytes: Buffer): FeedEvent | undefined {
  const event: FeedEvent = { event: 'message', data: [] };
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LF, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    if (startsWith(line, DATA)) event.data.push(line.subarray(DATA.length));
    else if (startsWith(line, EVENT)) event.event = line.toString('latin1', EVENT.length, EVENT.length + 32);
    start = end + 1;
  }
  return event.data.length > 0 ? event : undefined;
}

const startsWith = (line: Buffer, head: Buffer): boolean =>
  line.length >= head.length && line.compare(head, 0, head.length, 0, head.length) === 0;
