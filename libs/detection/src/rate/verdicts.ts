/**
 * What a person's verdict about a pace changes in what was learnt. Tolerances widen or narrow beside it (../tolerances.ts).
 *
 *   true-positive     what was learnt since the alert opened is forgotten: the copy of then is put back (copies.ts)
 *   false-positive    the peaks that were flagged are learnt, once
 *   expected-change   they are learnt as twice the prior, so that they are the norm at once; the slow reference follows
 */
import type { VerdictReport } from '@plimsoll/contracts';
import { WINDOWS } from '../constants.js';
import { EXPECTED_BLOCKS, FLAGGED_SPAN } from './constants.js';
import { LAST } from './pairs.js';
import type { Shelf } from './shelf.js';
import { secondOf } from './windows.js';

export function heedVerdict(shelf: Shelf, slot: number, { verdict, judgedAt }: VerdictReport): void {
  if (verdict === 'true-positive') shelf.copies.restore(slot, secondOf(judgedAt));
  else learnFlagged(shelf, slot, verdict === 'expected-change' ? EXPECTED_BLOCKS : 1);
  shelf.touch(slot, 0);
}

function learnFlagged({ windows, copies, reference, pairs }: Shelf, slot: number, blocks: number): void {
  const second = pairs.words[pairs.at(slot) + LAST] ?? 0;
  let shorter = 0;
  for (let window = 0; window < WINDOWS.length; window += 1) {
    const peak = Math.max(copies.worst(slot, window), windows.greatest(slot, window), FLAGGED_SPAN * shorter);
    shorter = peak;
    if (peak <= 0) continue;
    windows.learn(slot, window, peak, second, blocks);
    if (window < WINDOWS.length - 1) continue;
    windows.learnLog(slot, peak, blocks);
    reference.raise(slot, peak);
  }
  copies.drop(slot);
}
