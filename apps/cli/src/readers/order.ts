/**
 * Puts logs in time order: within a file, lines that are out of order by less than a minute are put right, worse ones go
 * on as late; several files are merged by time. What is held back is capped.
 */
import type { FileLog } from './log-file.js';
import type { Tally } from './tally.js';

const WINDOW = 60_000;
/** A minute of more logs than this is put in order only as far as the cap reaches. */
const MOST_HELD = 500_000;

/** Logs of one file by time, late ones marked; equal times keep the file's order. */
export async function* inOrder(logs: AsyncIterable<FileLog>, tally: Tally, mostHeld = MOST_HELD): AsyncGenerator<FileLog> {
  const held: FileLog[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let given = Number.NEGATIVE_INFINITY;
  for await (const log of logs) {
    const { ts } = log.log;
    if (ts < given) {
      tally.late += 1;
      log.late = true;
      yield log;
      continue;
    }
    push(held, log);
    newest = Math.max(newest, ts);
    for (let oldest = held[0]; oldest && (oldest.log.ts <= newest - WINDOW || held.length > mostHeld); oldest = held[0]) {
      given = oldest.log.ts;
      pop(held);
      yield oldest;
    }
  }
  for (let oldest = pop(held); oldest; oldest = pop(held)) yield oldest;
}

/** Several ordered streams as one; of equal times the earlier stream goes first. */
export async function* merged<T extends { log: { ts: number } }>(streams: AsyncIterable<T>[]): AsyncGenerator<T> {
  if (streams.length === 1 && streams[0]) {
    yield* streams[0];
    return;
  }
  const sources = streams.map((stream) => stream[Symbol.asyncIterator]());
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let least = -1;
    let leastTs = Number.POSITIVE_INFINITY;
    for (const [at, head] of heads.entries()) {
      if (head.done || head.value.log.ts >= leastTs) continue;
      least = at;
      leastTs = head.value.log.ts;
    }
    const head = heads[least];
    const source = sources[least];
    if (!head || head.done || !source) return;
    yield head.value;
    heads[least] = await source.next();
  }
}

const before = (a: FileLog, b: FileLog) => a.log.ts < b.log.ts || (a.log.ts === b.log.ts && a.line.number < b.line.number);

/** Binary heap, oldest first. */
function push(heap: FileLog[], item: FileLog): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (!parent || !before(item, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = item;
}

function pop(heap: FileLog[]): FileLog | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let childAt = 2 * at + 1;
    const left = heap[childAt];
    const right = heap[childAt + 1];
    if (!left) break;
    if (right && before(right, left)) childAt += 1;
    const child = heap[childAt];
    if (!child || !before(child, last)) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
  return top;
}
