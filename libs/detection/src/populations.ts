/**
 * The population of each endpoint, learnt by the endpoint's shard from the closed blocks of all actors (stage two) and
 * published as everybody's prior. Discounted sums with the model's memory; one record an endpoint.
 */
import { MEMORY_SECONDS, WINDOWS } from './constants.js';
import type { EndpointContribution, Population } from './contribution.js';

interface Learnt {
  service: string;
  endpoint: string;
  /** Second up to which the sums are discounted. */
  second: number;
  /** Blocks, sum and sum of squares of each window. */
  sums: [number, number, number][];
}

export class Populations {
  /** Endpoints that were not taken in, because there are too many. */
  overflowed = 0;
  readonly #records = new Map<string, Learnt>();
  readonly #changed = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  absorb(contribution: EndpointContribution): void {
    const key = JSON.stringify([contribution.service, contribution.id]);
    const record = this.#recordOf(key, contribution);
    if (!record) return;
    const idle = contribution.second - record.second;
    const decay = idle > 0 ? 2 ** (-idle / MEMORY_SECONDS) : 1;
    record.second = Math.max(record.second, contribution.second);
    WINDOWS.forEach(({ seconds }, window) => {
      const known = record.sums[window] ?? [0, 0, 0];
      const added = contribution.sums.find(({ windowSeconds }) => windowSeconds === seconds);
      const parts = added ? [added.blocks, added.sum, added.sumOfSquares] : [0, 0, 0];
      record.sums[window] = [
        known[0] * decay + finite(parts[0]),
        known[1] * decay + finite(parts[1]),
        known[2] * decay + finite(parts[2]),
      ];
    });
    this.#changed.add(key);
    this.#dirty.add(key);
  }

  /** Populations that changed since the last take. */
  take(): Population[] {
    const taken = [...this.#changed].flatMap((key) => {
      const record = this.#records.get(key);
      return record ? [publication(record)] : [];
    });
    this.#changed.clear();
    return taken;
  }

  takeChanges(put: (key: string, state: unknown) => void): void {
    for (const key of this.#dirty) put(key, this.#records.get(key));
    this.#dirty.clear();
  }

  load(key: string, state: unknown): void {
    const record = state as Learnt;
    if (this.#records.size >= this.#capacity || !Array.isArray(record.sums)) return;
    this.#records.set(key, record);
  }

  #recordOf(key: string, { service, id, second }: EndpointContribution): Learnt | undefined {
    const known = this.#records.get(key);
    if (known) return known;
    if (this.#records.size >= this.#capacity) {
      this.overflowed += 1;
      return undefined;
    }
    const record: Learnt = { service, endpoint: id, second, sums: [] };
    this.#records.set(key, record);
    return record;
  }
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) && value > 0 ? value : 0);

function publication({ service, endpoint, sums }: Learnt): Population {
  const statistics = WINDOWS.flatMap(({ seconds }, window) => {
    const [blocks = 0, sum = 0, squares = 0] = sums[window] ?? [];
    if (blocks <= 0) return [];
    const mean = sum / blocks;
    return [{ windowSeconds: seconds, blocks, mean, variance: Math.max(0, squares / blocks - mean * mean) }];
  });
  return { service, endpoint, statistics };
}
