/**
 * What closed blocks of single actors teach about everyone, on its way to the shard of the endpoint. One entry an endpoint
 * and hour, since what everyone does has a season by the hour; few endpoints have more than one at a time.
 */
import { WINDOWS } from './constants.js';
import type { BlockSums, EndpointContribution } from './contribution.js';
import type { Endpoint } from './entities/endpoints.js';

const HOUR_SECONDS = 3600;

interface Entry {
  endpoint: Endpoint;
  hour: number;
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
    const entry = this.#entryOf(endpoint, Math.ceil(second / HOUR_SECONDS), second);
    entry.second = Math.max(entry.second, second);
    const part = 2 * window + (flagged ? 1 : 0);
    let sums = entry.sums[part];
    if (!sums) {
      sums = { windowSeconds: WINDOWS[window]?.seconds ?? 1, flagged, blocks: 0, sum: 0, sumOfSquares: 0 };
      entry.sums[part] = sums;
    }
    sums.blocks += weight;
    sums.sum += weight * peak;
    sums.sumOfSquares += weight * peak * peak;
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

  #entryOf(endpoint: Endpoint, hour: number, second: number): Entry {
    const latest = this.#latest.get(endpoint);
    if (latest?.hour === hour) return latest;
    let entry = latest && this.#entries.find((one) => one.endpoint === endpoint && one.hour === hour);
    if (!entry) {
      entry = { endpoint, hour, second, sums: WINDOWS.flatMap(() => [undefined, undefined]) };
      this.#entries.push(entry);
    }
    this.#latest.set(endpoint, entry);
    return entry;
  }
}
