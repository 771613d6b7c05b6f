/**
 * How well an actor is known to be ordinary, whatever the endpoint: what makes the difference between a person who is new
 * on an endpoint and somebody of whom nobody can say yet whether it is a machine. Nothing is stored: it is read from the
 * pairs of the source, few for most, and asked only where a count is above what an ordinary actor may do.
 *
 *   acquaintance = n / (n + ACQUAINTANCE_BLOCKS + BUSY_WEIGHT b)    n ordinary blocks of the window, b others
 */
import { FLOORS } from '../constants.js';
import type { Source } from '../entities/sources.js';
import { ACQUAINTANCE_BLOCKS, BUSY_WEIGHT, ORDINARY_MULTIPLE, ORDINARY_SHARE } from './constants.js';
import type { Shelf } from './shelf.js';

/** Pairs of one source that are walked. */
const MAX_WALK = 64;

/**
 * 0..1; ordinary is what `sums` of a pair say about the window. Pictures and unknown paths come in bursts from anybody.
 * @param own the slot in question: what is busy there alone makes nobody unknown again
 */
export function acquaintance(shelf: Shelf, source: Source, own: number, window: number, second: number): number {
  let ordinary = 0;
  let busy = 0;
  for (const slot of shelf.slotsOf(source, MAX_WALK)) {
    const endpoint = shelf.endpointOf(slot);
    if (!endpoint || endpoint.class === 'asset' || endpoint.class === 'mixed') continue;
    const { blocks, sum } = shelf.windows.sums(slot, window, second);
    const most = Math.max(ORDINARY_SHARE * (FLOORS.other[window] ?? 0), ORDINARY_MULTIPLE * (endpoint.means[window] ?? 0));
    if (sum <= most * blocks) ordinary += blocks;
    else if (slot !== own) busy += blocks;
  }
  return ordinary / (ordinary + (ACQUAINTANCE_BLOCKS[window] ?? 1) + BUSY_WEIGHT * busy);
}
