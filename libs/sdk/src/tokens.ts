/**
 * Helps a host to bind its tokens to keys and to rotate its refresh tokens: `new Dpop({ origin })` verifies proofs,
 * `new RefreshFamilies(storage)` rotates. Needs no connection to Plimsoll.
 */
export { Dpop, type DpopFault, type DpopOptions, type DpopOutcome, type DpopRequest } from './dpop.js';
export { MemoryReplays, type Replays } from './dpop-replays.js';
export {
  type Family,
  type Refreshed,
  RefreshFamilies,
  type RefreshOptions,
  type RefreshStorage,
} from './refresh-families.js';
