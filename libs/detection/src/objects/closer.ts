/**
 * Which walks have an hour or a day open, by the block, so that the blocks of who went away are closed by the clock without
 * a walk over all records. Bounded by the blocks opened since the last turn.
 */
import { earliestOf } from '../rate/wheel.js';
import { BLOCK_SECONDS, type Block } from './steps.js';

const BLOCKS: readonly Block[] = ['hour', 'day'];
/** Logs that come after their block was closed would open it again: a little patience for the usual delay. */
const GRACE_SECONDS = 5;

export class Closer {
  readonly #open = { hour: new Map<number, number[]>(), day: new Map<number, number[]>() };
  /** The earliest that is open. */
  readonly #first = { hour: Number.POSITIVE_INFINITY, day: Number.POSITIVE_INFINITY };

  add(slot: number, block: Block, number: number): void {
    this.#first[block] = Math.min(this.#first[block], number);
    const slots = this.#open[block].get(number);
    if (slots) slots.push(slot);
    else this.#open[block].set(number, [slot]);
  }

  /** Hands out every entry of the blocks before the one that `second` lies in. */
  turn(second: number, close: (slot: number, block: Block, number: number) => void): void {
    for (const block of BLOCKS) {
      const present = Math.floor((second - GRACE_SECONDS) / BLOCK_SECONDS[block]);
      if (this.#first[block] >= present) continue;
      for (const [number, slots] of this.#open[block]) {
        if (number >= present) continue;
        this.#open[block].delete(number);
        for (const slot of slots) close(slot, block, number);
      }
      this.#first[block] = earliestOf(this.#open[block].keys());
    }
  }
}
