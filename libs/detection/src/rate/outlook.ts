/**
 * What is expected of one source now, read from what is stored of it: for each endpoint that it is known on, each window's
 * count, expectation and limit with the evidence behind them, and its last peaks. Nothing is learnt and nothing held: the same
 * records and the same limits as those by which the worker judges (rate.ts), at the endpoint's present level: as the service's
 * shard has added it up (levels.ts), and as the source's own shard believes it by itself (rush.ts).
 */
import type { Evidence } from '@plimsoll/contracts';
import { WINDOWS } from '../constants.js';
import type { Population } from '../contribution.js';
import { fromBytes } from '../entities/text-bytes.js';
import { episodeKey } from '../episodes.js';
import { ownWeight } from '../statistics/baseline.js';
import { storedLevels } from './levels.js';
import { Rate } from './rate.js';
import { pairKey, Shelf } from './shelf.js';

export interface OutlookOf {
  service: string;
  type: 'actor' | 'address';
  id: string;
}

export interface WindowOutlook {
  windowSeconds: number;
  /** Requests in the window that ends now. */
  observed: number;
  /** By how much everybody else on the endpoint is above the usual now, at least 1. It is in what follows. */
  level: number;
  expected: number;
  /** The greatest count that raises nothing; what verdicts have widened is in it. */
  limit: number;
  evidence: Evidence;
}

export interface Outlook {
  endpoint: string;
  windows: WindowOutlook[];
  /** Greatest counts of the closed blocks of each window, oldest first: when the block ended, ms. */
  peaks: { windowSeconds: number; points: { ts: number; peak: number }[] }[];
}

/** Endpoints of one source that are read at most. */
const MOST_ENDPOINTS = 1_000;

/**
 * Keys among what shards store, in lists of the length of `endpoints`: the pairs, what verdicts widened and the endpoints in the
 * source's shard; the levels in the service's ({@link levelEntity}).
 */
export function outlookKeys({ service, type, id }: OutlookOf, endpoints: readonly string[]) {
  const source = { service, past: false, type, id };
  return {
    pairs: endpoints.map((endpoint) => pairKey(source, endpoint)),
    tolerances: endpoints.map((endpoint) => `t${episodeKey('rate', service, false, type, id, endpoint)}`),
    endpoints: endpoints.map((endpoint) => `e${JSON.stringify([service, endpoint])}`),
    levels: endpoints.map((endpoint) => `l${JSON.stringify([service, endpoint])}`),
  };
}

/** Whose shard stores the levels of a service. */
export const levelEntity = (service: string) => ({ service, entity: 'pulse', id: service }) as const;

export interface StoredPair {
  endpoint: string;
  /** As stored under its key. */
  state: Uint8Array;
  /** As stored under the key of its tolerance; absent where nothing was widened. */
  tolerance?: Uint8Array | undefined;
  /** The endpoint in the source's shard, absent where nobody was seen there; its level, absent where nobody ever surged. */
  place?: Uint8Array | undefined;
  level?: Uint8Array | undefined;
}

/**
 * @param second seconds since the epoch
 * @param sensitivityOf by the settings, of an endpoint
 * @returns busiest first; what cannot be read is left out
 */
export function outlooks(
  of: OutlookOf,
  stored: readonly StoredPair[],
  populations: readonly Population[],
  { second, sensitivityOf }: { second: number; sensitivityOf: (endpoint: string) => number },
): Outlook[] {
  const nothing = { pinned: () => false, evicted: () => {} };
  const shelf = new Shelf({ maxPairs: MOST_ENDPOINTS, maxEndpoints: MOST_ENDPOINTS, ...nothing });
  const rate = new Rate(shelf);
  for (const population of populations)
    shelf.sources.addEndpoint(population.service, population.endpoint).setPopulation(population);
  const source = { ...of, past: false };
  const slots = stored
    .slice(0, MOST_ENDPOINTS)
    .map((pair) => ({ ...pair, slot: shelf.load(pairKey(source, pair.endpoint), pair.state) }));
  const found = slots.flatMap(({ endpoint: name, tolerance, place, level, slot }) => {
    const endpoint = slot < 0 ? undefined : shelf.endpointOf(slot);
    if (endpoint === undefined) return [];
    endpoint.load(place && fromBytes(place));
    endpoint.setSurge({ levels: storedLevels(level && fromBytes(level)) });
    const sensitivity = sensitivityOf(name);
    const widened = widening(tolerance);
    const windows = WINDOWS.map(({ seconds }, window): WindowOutlook => {
      const { own, everyone } = rate.expected(slot, window, endpoint, second, sensitivity);
      const above = rate.level(slot, window, endpoint, second);
      const expected = own.mean * above;
      const limit = rate.limit(slot, window, endpoint, second, sensitivity, above);
      return {
        windowSeconds: seconds,
        observed: shelf.windows.countAt(slot, window, second),
        level: above,
        expected,
        limit: Math.floor(expected + (limit - expected) * widened),
        evidence: { own: own.blocks, population: everyone.blocks, weight: ownWeight(own.blocks) },
      };
    });
    const peaks = WINDOWS.map(({ seconds }, window) => ({
      windowSeconds: seconds,
      points: shelf.windows.peaks(slot, window, second),
    }));
    return [{ endpoint: name, windows, peaks }];
  });
  return found.sort((a, b) => ownBlocks(b) - ownBlocks(a) || (a.endpoint < b.endpoint ? -1 : 1));
}

const ownBlocks = ({ windows }: Outlook) => windows[0]?.evidence.own ?? 0;

function widening(state: Uint8Array | undefined): number {
  const value = state && fromBytes(state);
  return typeof value === 'number' && value > 1 ? value : 1;
}
