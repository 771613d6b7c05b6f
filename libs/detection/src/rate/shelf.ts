/**
 * Where the pairs stand: makes the record of a source and an endpoint, evicts the least valuable when there is no room,
 * and keeps account of what is stored and what is not. The windows inside a record are none of its business.
 */
import { VALUE_HALF_LIFE_SECONDS } from '../constants.js';
import type { Endpoint } from '../entities/endpoints.js';
import { Roster } from '../entities/roster.js';
import { type Source, Sources } from '../entities/sources.js';
import { Copies } from './copies.js';
import { ENDPOINT, FLAGS, LAST, NEXT, Pairs, SOURCE } from './pairs.js';
import { Reference } from './reference.js';
import { isReadable, loadPair, storedPair } from './stored-pair.js';
import { Windows } from './windows.js';

/** Whether an open finding is about the pair. */
export type Pinned = (source: Source, endpoint: Endpoint) => boolean;

export interface ShelfOptions {
  maxPairs: number;
  maxEndpoints: number;
  pinned: Pinned;
  /** The slot has lost its pair. */
  evicted: (slot: number) => void;
}

/** Flag bits: the record is stored under its key; it has changed since. */
const STORED = 64;
const DIRTY = 128;
/** Blocks that make an acquaintance: more than one visit. */
const ACQUAINTED = 1.5;

export class Shelf {
  evicted = 0;
  readonly pairs = new Pairs();
  readonly windows = new Windows(this.pairs);
  readonly reference = new Reference(this.pairs, this.windows);
  readonly copies = new Copies(this.pairs);
  readonly sources: Sources;
  readonly #roster: Roster;
  readonly #options: ShelfOptions;
  /** Slots with the bit DIRTY, and some that have lost it by eviction. */
  #dirty: number[] = [];
  #dirtyEndpoints: Endpoint[] = [];
  readonly #gone = new Set<string>();
  #second = 0;

  constructor(options: ShelfOptions) {
    this.#options = options;
    this.sources = new Sources(options.maxEndpoints);
    this.#roster = new Roster(Math.max(1, options.maxPairs), {
      seenAgain: (slot) => this.windows.sums(slot, 0, this.#second).blocks >= ACQUAINTED,
      value: (slot) => this.#value(slot),
      pinned: (slot) => this.#isPinned(slot),
    });
  }

  /** The pair's slot, or -1. */
  find(source: Source | undefined, endpoint: Endpoint): number {
    return source ? this.pairs.find(source.index, endpoint.index) : -1;
  }

  /** The pair's slot; a new one starts with what its source's past has taught. */
  slotOf(source: Source, endpoint: Endpoint): number {
    const known = this.pairs.find(source.index, endpoint.index);
    if (known >= 0) return known;
    if (this.pairs.count >= this.#options.maxPairs) this.#evict(this.#roster.victim(), source);
    const slot = this.pairs.add(source.index, endpoint.index);
    this.pairs.words[this.pairs.at(slot) + NEXT] = source.first;
    source.first = slot + 1;
    this.#roster.admit(slot);
    if (!source.past) {
      const past = this.find(this.sources.find(source.service, source.type, source.id, true), endpoint);
      if (past >= 0) this.windows.inherit(slot, past);
    }
    return slot;
  }

  /** The record has changed, at this second. */
  touch(slot: number, second: number): void {
    if (second > this.#second) this.#second = second;
    const flags = this.pairs.at(slot) + FLAGS;
    const known = this.pairs.words[flags] ?? 0;
    if ((known & DIRTY) !== 0) return;
    this.pairs.words[flags] = known | DIRTY;
    this.#dirty.push(slot);
  }

  touchEndpoint(endpoint: Endpoint): void {
    if (endpoint.dirty) return;
    endpoint.dirty = true;
    this.#dirtyEndpoints.push(endpoint);
  }

  endpointOf(slot: number): Endpoint | undefined {
    return this.sources.endpoints[this.pairs.words[this.pairs.at(slot) + ENDPOINT] ?? 0];
  }

  sourceOf(slot: number): Source | undefined {
    return this.sources.byIndex[this.pairs.words[this.pairs.at(slot) + SOURCE] ?? 0];
  }

  /** Slots of a source's pairs, at most `most`. */
  *slotsOf(source: Source, most: number): Iterable<number> {
    let next = source.first;
    for (let walked = 0; next > 0 && walked < most; walked += 1) {
      yield next - 1;
      next = this.pairs.words[this.pairs.at(next - 1) + NEXT] ?? 0;
    }
  }

  takeChanges(puts: [string, Uint8Array][], deletes: string[]): void {
    for (const slot of this.#dirty) {
      const flags = this.pairs.at(slot) + FLAGS;
      const known = this.pairs.words[flags] ?? 0;
      if ((known & DIRTY) === 0 || !this.sourceOf(slot)) continue;
      this.pairs.words[flags] = (known & ~DIRTY) | STORED;
      const key = this.#keyOf(slot);
      puts.push([key, storedPair(this.pairs, slot, this.copies.of(slot))]);
      this.#gone.delete(key);
    }
    this.#dirty = [];
    for (const key of this.#gone) deletes.push(key);
    this.#gone.clear();
  }

  takeEndpoints(put: (key: string, state: unknown) => void): void {
    for (const endpoint of this.#dirtyEndpoints) {
      endpoint.dirty = false;
      put(JSON.stringify([endpoint.service, endpoint.name]), endpoint.state());
    }
    this.#dirtyEndpoints = [];
  }

  /** The slot of a stored pair, or -1 where it cannot be read. */
  load(key: string, state: Uint8Array): number {
    const name = parseKey(key);
    if (!name || !isReadable(state)) return -1;
    const [service, past, type, id, endpointName] = name;
    const endpoint = this.sources.addEndpoint(service, endpointName);
    const source = this.sources.find(service, type, id, past) ?? this.sources.addSource(service, type, id, past);
    const slot = this.slotOf(source, endpoint);
    const copy = loadPair(this.pairs, slot, state);
    if (copy instanceof Uint8Array) this.copies.put(slot, copy);
    if (state[0] === 1) this.reference.translate(slot);
    if (!past) this.#second = Math.max(this.#second, this.pairs.words[this.pairs.at(slot) + LAST] ?? 0);
    return slot;
  }

  #keyOf(slot: number): string {
    const source = this.sourceOf(slot);
    return pairKey(source, this.endpointOf(slot)?.name);
  }

  /** `keep`: the source that room is made for stays, though its last pair may go. */
  #evict(slot: number, keep: Source): void {
    const source = this.sourceOf(slot);
    if (slot < 0 || !source) return;
    const at = this.pairs.at(slot);
    if (((this.pairs.words[at + FLAGS] ?? 0) & STORED) !== 0) this.#gone.add(this.#keyOf(slot));
    this.copies.drop(slot);
    this.#unlink(source, slot);
    this.pairs.remove(slot);
    if (source.first === 0 && source !== keep) this.sources.remove(source);
    this.#options.evicted(slot);
    this.evicted += 1;
  }

  #unlink(source: Source, slot: number): void {
    const { words } = this.pairs;
    const next = words[this.pairs.at(slot) + NEXT] ?? 0;
    if (source.first === slot + 1) {
      source.first = next;
      return;
    }
    let before = source.first - 1;
    while (before >= 0 && words[this.pairs.at(before) + NEXT] !== slot + 1)
      before = (words[this.pairs.at(before) + NEXT] ?? 0) - 1;
    if (before >= 0) words[this.pairs.at(before) + NEXT] = next;
  }

  /** How often it was seen, halved with each day of absence. */
  #value(slot: number): number {
    const absent = Math.max(0, this.#second - (this.pairs.words[this.pairs.at(slot) + LAST] ?? 0));
    return (1 + this.windows.sums(slot, 0, this.#second).blocks) * 2 ** (-absent / VALUE_HALF_LIFE_SECONDS);
  }

  #isPinned(slot: number): boolean {
    const source = this.sourceOf(slot);
    const endpoint = this.endpointOf(slot);
    return source !== undefined && endpoint !== undefined && this.#options.pinned(source, endpoint);
  }
}

/** Under which the pair of a source and an endpoint is stored. */
export const pairKey = (source: Pick<Source, 'service' | 'past' | 'type' | 'id'> | undefined, endpoint: string | undefined) =>
  `r${JSON.stringify([source?.service, source?.past, source?.type, source?.id, endpoint])}`;

type PairName = [service: string, past: boolean, type: Source['type'], id: string, endpoint: string];

function parseKey(key: string): PairName | undefined {
  try {
    const name: unknown = JSON.parse(key.slice(1));
    if (!Array.isArray(name) || name.length !== 5) return undefined;
    const [service, past, type, id, endpoint] = name;
    if (typeof service !== 'string' || typeof past !== 'boolean' || (type !== 'actor' && type !== 'address')) return undefined;
    return typeof id === 'string' && typeof endpoint === 'string' ? [service, past, type, id, endpoint] : undefined;
  } catch {
    return undefined;
  }
}
