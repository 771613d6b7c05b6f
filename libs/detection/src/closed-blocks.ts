/**
 * What closed blocks of single actors teach about everyone, on its way to the shard of the endpoint. One entry an endpoint
 * and time at which blocks ended, since everyone's norm takes in whole minutes; few endpoints have more than one at a time.
 */
import { WINDOWS } from './constants.js';
import type { BlockSums, EndpointContribution } from './contribution.js';
import type { Endpoint } from './entities/endpoints.js';
import { coarse, fine } from './statistics/exact.js';

interface Entry {
  endpoint: Endpoint;
  second: number;
  /** By window, ordinary blocks before flagged ones. */
  sums: (BlockSums | undefined)[];
}

export class ClosedBlocks {
  #entries: Entry[] = [];
  /** The entry that was added to last, of each endpoint. */
  #latest = new Map<Endpoint, Entry>();

  /**
   * @param second when the block ended
   * @param weight how much it says about strangers
   */
  add(endpoint: Endpoint, window: number, second: number, peak: number, weight: number, flagged: boolean): void {
    const entry = this.#entryOf(endpoint, second);
    const part = 2 * window + (flagged ? 1 : 0);
    let sums = entry.sums[part];
    if (!sums) {
      sums = { windowSeconds: WINDOWS[window]?.seconds ?? 1, flagged, blocks: 0, sum: 0, sumOfSquares: 0 };
      entry.sums[part] = sums;
    }
    sums.blocks += fine(weight);
    sums.sum += fine(weight * peak);
    sums.sumOfSquares += coarse(weight * peak * peak);
  }

  /** Everything since the last take. */
  take(): EndpointContribution[] {
    const taken = this.#entries.map(({ endpoint: { service, name }, second, sums }): EndpointContribution => {
      return { entity: 'endpoint', service, id: name, second, sums: sums.filter((part) => part !== undefined) };
    });
    this.#entries = [];
    this.#latest = new Map();
    return taken;
  }

  #entryOf(endpoint: Endpoint, second: number): Entry {
    const latest = this.#latest.get(endpoint);
    if (latest?.second === second) return latest;
    let entry = latest && this.#entries.find((one) => one.endpoint === endpoint && one.second === second);
    if (!entry) {
      entry = { endpoint, second, sums: WINDOWS.flatMap(() => [undefined, undefined]) };
      this.#entries.push(entry);
    }
    this.#latest.set(endpoint, entry);
    return entry;
  }
}
