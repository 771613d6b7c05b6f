/**
 * Which pairs have a block that is still open, by the block: so that the blocks of who went idle are closed by the clock,
 * without a walk over all pairs. A slot is entered once for each block it opens; entries of slots that have moved on are
 * recognised by the receiver. Bounded by the blocks opened since the last turn.
 */
import { WINDOWS } from '../constants.js';
import { blockOf } from './windows.js';

export class Wheel {
  readonly #blocks = WINDOWS.map(() => new Map<number, number[]>());
  /** The earliest block of each window. */
  readonly #first = WINDOWS.map(() => Number.POSITIVE_INFINITY);

  add(slot: number, window: number, block: number): void {
    if (block < (this.#first[window] ?? 0)) this.#first[window] = block;
    const blocks = this.#blocks[window];
    const slots = blocks?.get(block);
    if (slots) slots.push(slot);
    else blocks?.set(block, [slot]);
  }

  /** Hands out the entries of the blocks before the one that `second` lies in, block by block. */
  turn(second: number, close: (slots: readonly number[], window: number, block: number) => void): void {
    for (let window = 0; window < WINDOWS.length; window += 1) {
      const present = blockOf(window, second);
      if ((this.#first[window] ?? 0) >= present) continue;
      for (const [block, slots] of this.#blocks[window] ?? []) {
        if (block >= present) continue;
        this.#blocks[window]?.delete(block);
        close(slots, window, block);
      }
      this.#first[window] = earliestOf(this.#blocks[window]?.keys() ?? []);
    }
  }
}

/** Infinite where there is none. */
export function earliestOf(blocks: Iterable<number>): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const block of blocks) if (block < earliest) earliest = block;
  return earliest;
}
