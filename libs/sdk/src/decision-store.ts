/**
 * Decisions in as little memory as they need: numbers in typed arrays, one place (slot) a decision, found by id and by
 * subject through chained hash tables with a seed of this process, so that nobody can choose ids that collide. Kept by
 * age in a list an action: where there is no room the oldest throttle goes, then the oldest challenge, then the oldest block.
 */
import type { FeedDecision } from '@plimsoll/contracts';
import { DecisionTexts } from './decision-texts.js';
import { type EndpointPattern, endpointPattern } from './routes.js';

export type SubjectType = FeedDecision['subject']['type'];
const TYPES: readonly SubjectType[] = ['actor', 'credential', 'address'];
/** From the weakest to the strongest. */
const ACTIONS: readonly FeedDecision['action'][] = ['throttle', 'challenge', 'block'];

interface Endpoint {
  text: string;
  pattern: EndpointPattern;
  uses: number;
}

const FIRST_CAPACITY = 1_024;
const NONE = -1;

export class DecisionStore {
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  readonly #texts = new DecisionTexts((slot, _from, to) => {
    this.#text[slot] = to;
  });
  readonly #endpoints = new Map<string, number>();
  readonly #endpointOf: (Endpoint | undefined)[] = [];
  readonly #count = { actor: 0, credential: 0, address: 0 };
  /** Oldest and newest of each action. */
  readonly #oldest = [NONE, NONE, NONE];
  readonly #newest = [NONE, NONE, NONE];
  #capacity = 0;
  #size = 0;
  #free = NONE;
  // One entry a slot.
  #version = new Float64Array(0);
  #until = new Float64Array(0);
  #tat = new Float64Array(0);
  #text = new Int32Array(0);
  #endpoint = new Int32Array(0);
  #mark = new Uint32Array(0);
  /** 255 where the slot is free; else type * 4 + action. */
  #kind = new Uint8Array(0);
  #older = new Int32Array(0);
  #newer = new Int32Array(0);
  #idHash = new Int32Array(0);
  #subjectHash = new Int32Array(0);
  #nextById = new Int32Array(0);
  #nextBySubject = new Int32Array(0);
  #byId = new Int32Array(0);
  #bySubject = new Int32Array(0);

  get size(): number {
    return this.#size;
  }
  /** Bytes of the texts. */
  get textBytes(): number {
    return this.#texts.liveBytes;
  }
  /** Slots in use are below this. */
  get capacity(): number {
    return this.#capacity;
  }
  has(type: SubjectType): boolean {
    return this.#count[type] > 0;
  }

  version = (slot: number): number => this.#version[slot] ?? 0;
  until = (slot: number): number => this.#until[slot] ?? 0;
  tat = (slot: number): number => this.#tat[slot] ?? Number.NEGATIVE_INFINITY;
  mark = (slot: number): number => this.#mark[slot] ?? 0;
  isUsed = (slot: number): boolean => this.#kind[slot] !== 255;
  /** 0 for a throttle, 1 for a challenge, 2 for a block. */
  strength = (slot: number): number => (this.#kind[slot] ?? 0) & 3;
  /** Undefined where it holds everywhere. */
  endpoint = (slot: number): Endpoint | undefined => this.#endpointOf[this.#endpoint[slot] ?? NONE];
  setTat(slot: number, tat: number): void {
    this.#tat[slot] = tat;
  }
  /** Makes it end now. */
  expire(slot: number): void {
    this.#until[slot] = 0;
  }

  /** The slot of an id, or -1. */
  find(id: string): number {
    const hash = hashOf(id, this.#seed);
    for (let slot = this.#head(this.#byId, hash); slot >= 0; slot = this.#nextById[slot] ?? NONE) {
      if (this.#idHash[slot] === hash && this.#texts.read(this.#text[slot] ?? 0).id === id) return slot;
    }
    return NONE;
  }

  /** Calls `take` for each decision on a subject, in no order. */
  each(type: SubjectType, subject: string, take: (slot: number) => void): void {
    const kind = TYPES.indexOf(type);
    const hash = hashOf(subject, this.#seed + kind + 1);
    for (let slot = this.#head(this.#bySubject, hash); slot >= 0; ) {
      const next = this.#nextBySubject[slot] ?? NONE;
      const same = this.#subjectHash[slot] === hash && (this.#kind[slot] ?? 0) >> 2 === kind;
      if (same && this.#texts.isSubject(this.#text[slot] ?? 0, subject)) take(slot);
      slot = next;
    }
  }

  /** Is there a decision on the subject? */
  holds(type: SubjectType, subject: string): boolean {
    if (this.#count[type] === 0) return false;
    const kind = TYPES.indexOf(type);
    const hash = hashOf(subject, this.#seed + kind + 1);
    for (let slot = this.#head(this.#bySubject, hash); slot >= 0; slot = this.#nextBySubject[slot] ?? NONE) {
      const same = this.#subjectHash[slot] === hash && (this.#kind[slot] ?? 0) >> 2 === kind;
      if (same && this.#texts.isSubject(this.#text[slot] ?? 0, subject)) return true;
    }
    return false;
  }

  read(slot: number): FeedDecision {
    const { id, subject, reason, rate } = this.#texts.read(this.#text[slot] ?? 0);
    return {
      id,
      version: this.version(slot),
      action: ACTIONS[this.strength(slot)] ?? 'block',
      subject: { type: TYPES[(this.#kind[slot] ?? 0) >> 2] ?? 'actor', id: subject },
      endpoint: this.endpoint(slot)?.text ?? null,
      rate,
      reason,
      until: this.until(slot),
    };
  }

  /** Adds one that is not there. `subject` is the key by which it is looked up. */
  add(decision: FeedDecision, subject: string, { tat, mark }: { tat: number; mark: number }): void {
    if (this.#free < 0) this.#grow();
    const slot = this.#free;
    this.#free = this.#nextById[slot] ?? NONE;
    const type = TYPES.indexOf(decision.subject.type);
    const action = strengthOf(decision.action);
    this.#size += 1;
    this.#count[decision.subject.type] += 1;
    this.#version[slot] = decision.version;
    this.#until[slot] = decision.until;
    this.#tat[slot] = tat;
    this.#mark[slot] = mark;
    this.#kind[slot] = type * 4 + action;
    this.#endpoint[slot] = this.#useEndpoint(decision.endpoint);
    const { id, reason, rate } = decision;
    this.#text[slot] = this.#texts.write(slot, { id, subject, reason, rate });
    this.#idHash[slot] = hashOf(id, this.#seed);
    this.#subjectHash[slot] = hashOf(subject, this.#seed + type + 1);
    this.#hang(slot);
    const newest = this.#newest[action] ?? NONE;
    this.#older[slot] = newest;
    this.#newer[slot] = NONE;
    if (newest >= 0) this.#newer[newest] = slot;
    else this.#oldest[action] = slot;
    this.#newest[action] = slot;
  }

  remove(slot: number): void {
    const kind = this.#kind[slot] ?? 0;
    const action = kind & 3;
    this.#unhang(this.#byId, this.#nextById, this.#idHash, slot);
    this.#unhang(this.#bySubject, this.#nextBySubject, this.#subjectHash, slot);
    const older = this.#older[slot] ?? NONE;
    const newer = this.#newer[slot] ?? NONE;
    if (older >= 0) this.#newer[older] = newer;
    else this.#oldest[action] = newer;
    if (newer >= 0) this.#older[newer] = older;
    else this.#newest[action] = older;
    this.#texts.free(this.#text[slot] ?? 0);
    this.#leaveEndpoint(this.#endpoint[slot] ?? NONE);
    this.#count[TYPES[kind >> 2] ?? 'actor'] -= 1;
    this.#size -= 1;
    this.#kind[slot] = 255;
    this.#nextById[slot] = this.#free;
    this.#free = slot;
  }

  /** The one to go where there is no room; -1 where there is none. */
  expendable(): number {
    return this.#oldest.find((slot) => slot >= 0) ?? NONE;
  }

  #useEndpoint(text: string | null): number {
    if (text === null) return NONE;
    const known = this.#endpoints.get(text);
    const endpoint = known === undefined ? undefined : this.#endpointOf[known];
    if (known !== undefined && endpoint) {
      endpoint.uses += 1;
      return known;
    }
    const gap = this.#endpointOf.length > 2 * this.#endpoints.size ? this.#endpointOf.indexOf(undefined) : NONE;
    const index = gap >= 0 ? gap : this.#endpointOf.length;
    this.#endpointOf[index] = { text, pattern: endpointPattern(text), uses: 1 };
    this.#endpoints.set(text, index);
    return index;
  }

  #leaveEndpoint(index: number): void {
    const endpoint = this.#endpointOf[index];
    if (!endpoint) return;
    endpoint.uses -= 1;
    if (endpoint.uses > 0) return;
    this.#endpoints.delete(endpoint.text);
    this.#endpointOf[index] = undefined;
  }

  #head = (table: Int32Array, hash: number): number => (table.length === 0 ? NONE : (table[hash & (table.length - 1)] ?? 0) - 1);

  #hang(slot: number): void {
    const id = (this.#idHash[slot] ?? 0) & (this.#byId.length - 1);
    this.#nextById[slot] = (this.#byId[id] ?? 0) - 1;
    this.#byId[id] = slot + 1;
    const subject = (this.#subjectHash[slot] ?? 0) & (this.#bySubject.length - 1);
    this.#nextBySubject[slot] = (this.#bySubject[subject] ?? 0) - 1;
    this.#bySubject[subject] = slot + 1;
  }

  #unhang(table: Int32Array, next: Int32Array, hashes: Int32Array, slot: number): void {
    const place = (hashes[slot] ?? 0) & (table.length - 1);
    const after = next[slot] ?? NONE;
    let before = (table[place] ?? 0) - 1;
    if (before === slot) {
      table[place] = after + 1;
      return;
    }
    while (before >= 0 && next[before] !== slot) before = next[before] ?? NONE;
    if (before >= 0) next[before] = after;
  }

  /** By half: at a hundred thousand doubling would hold a third of the memory for nothing. */
  #grow(): void {
    const before = this.#capacity;
    const capacity = Math.max(FIRST_CAPACITY, Math.ceil(before * 1.5));
    this.#version = grown(this.#version, new Float64Array(capacity));
    this.#until = grown(this.#until, new Float64Array(capacity));
    this.#tat = grown(this.#tat, new Float64Array(capacity));
    this.#text = grown(this.#text, new Int32Array(capacity));
    this.#endpoint = grown(this.#endpoint, new Int32Array(capacity));
    this.#mark = grown(this.#mark, new Uint32Array(capacity));
    this.#kind = grown(this.#kind, new Uint8Array(capacity).fill(255));
    this.#older = grown(this.#older, new Int32Array(capacity));
    this.#newer = grown(this.#newer, new Int32Array(capacity));
    this.#idHash = grown(this.#idHash, new Int32Array(capacity));
    this.#subjectHash = grown(this.#subjectHash, new Int32Array(capacity));
    this.#nextById = grown(this.#nextById, new Int32Array(capacity));
    this.#nextBySubject = grown(this.#nextBySubject, new Int32Array(capacity));
    this.#capacity = capacity;
    for (let slot = capacity - 1; slot >= before; slot -= 1) {
      this.#nextById[slot] = this.#free;
      this.#free = slot;
    }
    const places = 2 ** Math.ceil(Math.log2(capacity));
    if (places === this.#byId.length) return;
    this.#byId = new Int32Array(places);
    this.#bySubject = new Int32Array(places);
    for (let slot = 0; slot < before; slot += 1) if (this.isUsed(slot)) this.#hang(slot);
  }
}

/** As {@link DecisionStore.strength}. */
export const strengthOf = (action: FeedDecision['action']): number => ACTIONS.indexOf(action);

function grown<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(old: T, into: T): T {
  into.set(old);
  return into;
}

/** FNV-1a over UTF-16 code units with a seed, and a last mix (MurmurHash3's), so that the low bits are good. */
function hashOf(text: string, seed: number): number {
  let hash = seed | 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
