/**
 * What a person's verdict about a pace changes in what was learnt. Tolerances widen or narrow beside it (../tolerances.ts).
 *
 *   true-positive     what was learnt since the alert opened is forgotten: the copy of then is put back (copies.ts), and
 *                     flagged blocks that are still open will not be learnt either
 *   false-positive    the peaks that were flagged are learnt, once
 *   expected-change   they are learnt as twice the prior, so that they are the norm at once; the slow reference follows
 *
 * What a shorter window was accused of was not counted in the longer ones: these take it to have gone on for FLAGGED_SPAN of the
 * shorter, and an expected change for as long as the requests of its alert allow.
 */
import type { VerdictReport } from '@plimsoll/contracts';
import { TOLERANCE_MARGIN, WINDOWS } from '../constants.js';
import { EXPECTED_BLOCKS, FLAGGED_SPAN } from './constants.js';
import { LAST } from './pairs.js';
import type { Shelf } from './shelf.js';
import { secondOf } from './windows.js';

const secondsOf = (window: number) => WINDOWS[window]?.seconds ?? 1;

export function heedVerdict(shelf: Shelf, slot: number, { verdict, judgedAt, requests = 0 }: VerdictReport): void {
  if (verdict === 'true-positive') {
    shelf.copies.restore(slot, secondOf(judgedAt));
    shelf.windows.refuse(slot);
  } else if (verdict === 'false-positive') learnFlagged(shelf, slot, 1, 0);
  else learnFlagged(shelf, slot, EXPECTED_BLOCKS, TOLERANCE_MARGIN * requests);
  shelf.touch(slot, 0);
}

/** @param counted so many requests may have fallen into one longer window */
function learnFlagged({ windows, copies, reference, pairs }: Shelf, slot: number, blocks: number, counted: number): void {
  const second = pairs.words[pairs.at(slot) + LAST] ?? 0;
  let shorter = 0;
  for (let window = 0; window < WINDOWS.length; window += 1) {
    const spans = window === 0 ? 0 : secondsOf(window) / secondsOf(window - 1);
    const span = Math.max(FLAGGED_SPAN * shorter, Math.min(spans * shorter, counted));
    const peak = Math.max(copies.worst(slot, window), windows.greatest(slot, window), span);
    shorter = peak;
    if (peak <= 0) continue;
    windows.learn(slot, window, peak, second, blocks);
    if (window < WINDOWS.length - 1) continue;
    windows.learnLog(slot, peak, blocks);
    reference.raise(slot, peak);
  }
  copies.drop(slot);
}
