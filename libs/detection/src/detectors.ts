/** Which detectors of stage one there are, in the order in which they are asked. */
import type { Detector } from './detector.js';
import { MAX_TRACKS } from './flow/constants.js';
import { Flow } from './flow/flow.js';
import { MAX_PROFILES } from './identity/constants.js';
import { Identity } from './identity/identity.js';
import { MAX_WALKS } from './objects/constants.js';
import { Hauler } from './objects/hauler.js';
import type { Commons } from './objects/norms.js';
import { Walker } from './objects/walker.js';

/**
 * @param maxEntities pairs of the model: none of them holds more sources than there are pairs
 * @param commons what is known of everyone, which they all read
 */
export function detectorsOf(maxEntities: number, commons: Commons): Detector[] {
  const identity = new Identity(commons, Math.min(MAX_PROFILES, maxEntities));
  const flow = new Flow(commons, (source) => identity.profileOf(source), Math.min(MAX_TRACKS, maxEntities));
  return [new Walker(commons, Math.min(MAX_WALKS, maxEntities)), new Hauler(commons), identity, flow];
}
