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
  /** The same by endpoint and second: a file of months has many minutes of each. */
  #bySecond = new Map<Endpoint, Map<number, Entry>>();
  /** The newest entry of each endpoint, by its index: mostly the one that is asked for. */
  readonly #newest: (Entry | undefined)[] = [];

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
    if (this.#entries.length === 0) return [];
    const taken = this.#entries.map(({ endpoint: { service, name }, second, sums }): EndpointContribution => {
      return { entity: 'endpoint', service, id: name, second, sums: sums.filter((part) => part !== undefined) };
    });
    for (const { endpoint } of this.#entries) this.#newest[endpoint.index] = undefined;
    this.#entries = [];
    this.#bySecond = new Map();
    return taken;
  }

  #entryOf(endpoint: Endpoint, second: number): Entry {
    const newest = this.#newest[endpoint.index];
    if (newest?.second === second && newest.endpoint === endpoint) return newest;
    let entries = this.#bySecond.get(endpoint);
    if (!entries) {
      entries = new Map();
      this.#bySecond.set(endpoint, entries);
    }
    let entry = entries.get(second);
    if (!entry) {
      entry = { endpoint, second, sums: WINDOWS.flatMap(() => [undefined, undefined]) };
      this.#entries.push(entry);
      entries.set(second, entry);
    }
    this.#newest[endpoint.index] = entry;
    return entry;
  }
}
