/**
 * Which pairs have a block that is still open, by the block: so that the blocks of who went idle are closed by the clock,
 * without a walk over all pairs. A slot is entered once for each block it opens; entries of slots that have moved on are
 * recognised by the receiver. Bounded by the blocks opened since the last turn.
 */
import { WINDOWS } from '../constants.js';
import { blockOf } from './windows.js';

export class Wheel {
  readonly #blocks = WINDOWS.map(() => new Map<number, number[]>());

  add(slot: number, window: number, block: number): void {
    const blocks = this.#blocks[window];
    const slots = blocks?.get(block);
    if (slots) slots.push(slot);
    else blocks?.set(block, [slot]);
  }

  /** Hands out the entries of the blocks before the one that `second` lies in, block by block. */
  turn(second: number, close: (slots: readonly number[], window: number, block: number) => void): void {
    for (let window = 0; window < WINDOWS.length; window += 1) {
      const present = blockOf(window, second);
      for (const [block, slots] of this.#blocks[window] ?? []) {
        if (block >= present) continue;
        this.#blocks[window]?.delete(block);
        close(slots, window, block);
      }
    }
  }
}
