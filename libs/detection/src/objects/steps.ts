/**
 * The windows of a walk, as operations on its record: sliding counts of the objects met for the first time and of those
 * refused, the present run of neighbouring ids, the peaks of the open hour and day. Functions of the record and the second
 * alone; idle time costs nothing.
 */
import { CLOCK_SLACK_SECONDS, MEMORY_SECONDS } from '../constants.js';
import type { Sums } from '../statistics/baseline.js';
import { MEASURES, RUN_PAUSE_SECONDS, RUN_STEP } from './constants.js';
import {
  BEGAN,
  BEGAN_CLOCK,
  CURRENT,
  DAYS,
  FLAGS,
  HOURS,
  LAST,
  LEARNT,
  measureAt,
  NEWEST,
  NUMBER_HIGH,
  NUMBER_LOW,
  PEAK,
  RETURN_SECONDS,
  RETURNS,
  SQUARES,
  SUM,
  type Walks,
  WORDS,
} from './walks.js';

export type Block = 'hour' | 'day';
export const BLOCK_SECONDS = { hour: 3600, day: 86_400 } as const;
/** Flag bits: the block is open; something in it was over a limit; something was refused by a bouncer. */
const OPEN = { hour: 1, day: 2 } as const;
export const FLAGGED = { hour: 4, day: 8 } as const;
export const HELD = { hour: 16, day: 32 } as const;

export const RUN = MEASURES.findIndex(({ what }) => what === 'run');
const seconds = MEASURES.map(({ windowSeconds }) => windowSeconds);
const whats = MEASURES.map(({ what }) => what);
export const MEASURES_OF = {
  hour: MEASURES.flatMap(({ block }, index) => (block === 'hour' ? [index] : [])),
  day: MEASURES.flatMap(({ block }, index) => (block === 'day' ? [index] : [])),
} as const;

/** The two words from `start` are the present and the previous bucket. */
function sliding(floats: Float32Array, start: number, size: number, last: number, position: number): number {
  const behind = Math.floor(position / size) - Math.floor(last / size);
  if (behind < 0 || behind > 1) return 0;
  const current = floats[start] ?? 0;
  const covered = 1 - (position % size) / size;
  return behind === 0 ? current + (floats[start + 1] ?? 0) * covered : current * covered;
}

function roll(floats: Float32Array, start: number, size: number, last: number, position: number): void {
  const behind = Math.floor(position / size) - Math.floor(last / size);
  if (behind === 0) return;
  floats[start + 1] = behind === 1 ? (floats[start] ?? 0) : 0;
  floats[start] = 0;
}

export class Steps {
  readonly #walks: Walks;

  constructor(walks: Walks) {
    this.#walks = walks;
  }

  /** Where a log of `second` is counted: never before the newest log, unless the clock was put right. */
  positionOf(slot: number, second: number): number {
    const last = this.#walks.words[slot * WORDS + LAST] ?? 0;
    return second < last && last - second <= CLOCK_SLACK_SECONDS ? last : second;
  }

  /** The sliding count of a measure at a position. */
  countAt(slot: number, measure: number, position: number): number {
    const at = slot * WORDS;
    const { floats, words } = this.#walks;
    const start = at + measureAt(measure);
    const last = words[at + LAST] ?? 0;
    if (measure === RUN) return position - last > RUN_PAUSE_SECONDS || position < last ? 0 : (floats[start + CURRENT] ?? 0);
    return sliding(floats, start, seconds[measure] ?? 1, last, position);
  }

  /** Returns to known objects within a window at a position. */
  returnsAt(slot: number, windowSeconds: number, position: number): number {
    const window = (RETURN_SECONDS as readonly number[]).indexOf(windowSeconds);
    const at = slot * WORDS;
    const { floats, words } = this.#walks;
    return window < 0
      ? 0
      : Math.max(0, sliding(floats, at + RETURNS + 2 * window, windowSeconds, words[at + LAST] ?? 0, position));
  }

  /** What a new object adds to the measure: its weight, or the next step of a run. */
  added(slot: number, measure: number, weight: number, refused: boolean, number: number): number {
    const what = whats[measure];
    if (what === 'objects') return weight;
    if (what === 'refused') return refused ? weight : 0;
    return this.#continues(slot, number) ? 1 : 0;
  }

  /** Moves the windows to the position. */
  moveTo(slot: number, position: number): void {
    const at = slot * WORDS;
    const { floats, words } = this.#walks;
    const last = words[at + LAST] ?? 0;
    if (position === last) return;
    for (let measure = 0; measure < seconds.length; measure += 1) {
      const start = at + measureAt(measure);
      if (measure === RUN) {
        floats[start + CURRENT] = this.countAt(slot, measure, position);
        continue;
      }
      roll(floats, start, seconds[measure] ?? 1, last, position);
    }
    RETURN_SECONDS.forEach((size, window) => {
      roll(floats, at + RETURNS + 2 * window, size, last, position);
    });
    words[at + LAST] = position;
  }

  /**
   * The object was met before; the windows stand at its position.
   * @param returns 1; less than none for a new object that counts for others too, which were taken for known
   */
  comeBack(slot: number, hash: number, returns: number): void {
    const at = slot * WORDS;
    const { floats, words } = this.#walks;
    if (returns > 0 && words[at + NEWEST] === hash) return;
    words[at + NEWEST] = hash;
    if (returns === 0) return;
    for (let window = 0; window < RETURN_SECONDS.length; window += 1) {
      const word = at + RETURNS + 2 * window;
      floats[word] = (floats[word] ?? 0) + returns;
    }
  }

  /** Counts a new object; the windows stand at its position. `over`: longer windows do not count it again. */
  count(slot: number, weight: number, refused: boolean, number: number, over: boolean): void {
    const at = slot * WORDS;
    const { floats, words } = this.#walks;
    const position = words[at + LAST] ?? 0;
    for (let measure = 0; measure < seconds.length; measure += 1) {
      const start = at + measureAt(measure);
      if (measure === RUN) this.#stride(slot, number);
      else if (!over || seconds[measure] !== BLOCK_SECONDS.day)
        floats[start + CURRENT] = (floats[start + CURRENT] ?? 0) + this.added(slot, measure, weight, refused, number);
      floats[start + PEAK] = Math.max(floats[start + PEAK] ?? 0, this.countAt(slot, measure, position));
    }
    words[at + NUMBER_LOW] = number < 0 ? 0 : (number + 1) % 2 ** 32;
    words[at + NUMBER_HIGH] = number < 0 ? 0 : Math.floor((number + 1) / 2 ** 32);
  }

  isOpen(slot: number, block: Block): boolean {
    return ((this.#walks.words[slot * WORDS + FLAGS] ?? 0) & OPEN[block]) !== 0;
  }

  /** Number of the open block. */
  blockOf(slot: number, block: Block): number {
    return Math.floor((this.#walks.words[slot * WORDS + LAST] ?? 0) / BLOCK_SECONDS[block]);
  }

  open(slot: number, block: Block): void {
    this.mark(slot, OPEN[block]);
  }

  mark(slot: number, bits: number): void {
    const flags = slot * WORDS + FLAGS;
    this.#walks.words[flags] = (this.#walks.words[flags] ?? 0) | bits;
  }

  /** Closes the block: what was in it. */
  close(slot: number, block: Block): { flagged: boolean; held: boolean } {
    const at = slot * WORDS + FLAGS;
    const flags = this.#walks.words[at] ?? 0;
    this.#walks.words[at] = flags & ~(OPEN[block] | FLAGGED[block] | HELD[block]);
    return { flagged: (flags & FLAGGED[block]) !== 0, held: (flags & HELD[block]) !== 0 };
  }

  /** Adds the peaks of a closed block, as they are to be learnt, to the discounted sums. */
  learn(slot: number, block: Block, peaks: readonly number[], second: number): void {
    const at = slot * WORDS;
    const { floats, words } = this.#walks;
    const decay = this.#decay(slot, second);
    for (const word of [HOURS, DAYS]) floats[at + word] = (floats[at + word] ?? 0) * decay;
    for (let measure = 0; measure < seconds.length; measure += 1) {
      const start = at + measureAt(measure);
      floats[start + SUM] = (floats[start + SUM] ?? 0) * decay;
      floats[start + SQUARES] = (floats[start + SQUARES] ?? 0) * decay;
    }
    words[at + LEARNT] = Math.max(second, words[at + LEARNT] ?? 0);
    const blocks = at + (block === 'hour' ? HOURS : DAYS);
    floats[blocks] = (floats[blocks] ?? 0) + 1;
    MEASURES_OF[block].forEach((measure, index) => {
      const start = at + measureAt(measure);
      const peak = peaks[index] ?? 0;
      floats[start + SUM] = (floats[start + SUM] ?? 0) + peak;
      floats[start + SQUARES] = (floats[start + SQUARES] ?? 0) + peak * peak;
    });
  }

  /** What the walk's own closed blocks have taught, discounted to `second`. */
  sums(slot: number, measure: number, second: number): Sums {
    const at = slot * WORDS;
    const { floats } = this.#walks;
    const decay = this.#decay(slot, second);
    const start = at + measureAt(measure);
    const blocks = floats[at + (MEASURES[measure]?.block === 'hour' ? HOURS : DAYS)] ?? 0;
    return {
      blocks: blocks * decay,
      sum: (floats[start + SUM] ?? 0) * decay,
      sumOfSquares: (floats[start + SQUARES] ?? 0) * decay,
    };
  }

  /** Seconds that the present run has been going on; 0 where there is none. */
  runSeconds(slot: number, position: number): number {
    const start = slot * WORDS + measureAt(RUN);
    if (this.countAt(slot, RUN, position) === 0) return 0;
    return (position - (this.#walks.floats[start + BEGAN] ?? 0) + BEGAN_CLOCK) % BEGAN_CLOCK;
  }

  #stride(slot: number, number: number): void {
    const { floats, words } = this.#walks;
    const start = slot * WORDS + measureAt(RUN);
    const before = floats[start + CURRENT] ?? 0;
    const continues = this.#continues(slot, number);
    const now = (words[slot * WORDS + LAST] ?? 0) % BEGAN_CLOCK;
    // It begins with the object before its first step, unless that was long ago.
    const since = (now - (floats[start + BEGAN] ?? 0) + BEGAN_CLOCK) % BEGAN_CLOCK;
    if (!continues || (before === 0 && since > RUN_PAUSE_SECONDS)) floats[start + BEGAN] = now;
    floats[start + CURRENT] = continues ? before + 1 : 0;
  }

  #continues(slot: number, number: number): boolean {
    const at = slot * WORDS;
    const { words } = this.#walks;
    const before = (words[at + NUMBER_LOW] ?? 0) + (words[at + NUMBER_HIGH] ?? 0) * 2 ** 32 - 1;
    return number >= 0 && before >= 0 && Math.abs(number - before) <= RUN_STEP;
  }

  #decay(slot: number, second: number): number {
    const idle = second - (this.#walks.words[slot * WORDS + LEARNT] ?? 0);
    return idle <= 0 ? 1 : 2 ** (-idle / MEMORY_SECONDS);
  }
}
