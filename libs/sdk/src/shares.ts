/**
 * What this instance may admit of each throttle, so that all instances together keep its limit. It counts what it sees and
 * lets pass of the throttles that are in use, and holds what the server has answered: so many requests until the next
 * answer. A throttle that was not used here lately may admit a first few at once, its opening, unless all of its limit is
 * handed out elsewhere (busy). Where the server is away the last part of the limit holds on for a minute; after that, and
 * where the server knows nothing of shares, each instance keeps the whole limit by itself: N instances admit N times as much.
 */
import type { Demand, FeedDecision, RateLimit, Share } from '@plimsoll/contracts';
import { type Allotment, burstOf } from './throttle.js';

interface Tally {
  rate: RateLimit;
  /** Numbers the tallies, so that one begun anew is not taken for an old one gone back. */
  life: number;
  wanted: number;
  admitted: number;
  /** Of `wanted`, what the server has heard of. */
  heard: number;
  /** When it was wanted last, told last, answered last. */
  wantedAt: number;
  toldAt: number;
  answeredAt: number;
  /** Handed out by the server and not used. */
  left: number;
  /** Of the opening. */
  opening: number;
  part: number;
  /** All of its limit is handed out. */
  busy: boolean;
  /** The server has no room for it. */
  alone: boolean;
}

/** Throttles in use at once; beyond it the idle ones are forgotten, and without one the limit alone counts. */
const MAX_TALLIES = 1_000;
const MAX_DEMANDS = 100;
const MAX_BUSY = 100;
/** Ids that Plimsoll makes. */
const ID = /^[\w-]{1,64}$/;
/** Nothing wanted for so long: begun anew, as the server may have forgotten it. */
const IDLE_MS = 30_000;
/** A throttle is told of no more often. */
const SOON_MS = 200;
/** Without an answer for so long the server is away. */
const UNANSWERED_MS = 2_000;
/** The last part of the limit holds on for so long after the server's last answer. */
export const PART_KEPT_MS = 60_000;
const WHOLE: Allotment = { type: 'whole' };

/**
 * Requests that an instance may admit before its first answer: all of the burst where it is alone; half of the burst for
 * all of them together where that is at least one each; else one, which is the least with which it can serve at once.
 */
export function openingOf(rate: RateLimit, instances: number): number {
  const burst = burstOf(rate);
  return instances <= 1 ? burst : Math.max(1, Math.floor(burst / (2 * instances)));
}

export class Shares {
  readonly #tallies = new Map<string, Tally>();
  #instances: number | undefined;
  #busy = new Set<string>();
  #lives = 0;
  #everyMs = 1_000;
  /** The oldest question without an answer. */
  #askedAt: number | undefined;
  #failed = false;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  /** `onNeed` is told from when on the server should hear what was seen. */
  constructor(private readonly onNeed: (at: number) => void = () => undefined) {}

  /** How often the server wants to be told, milliseconds. */
  get everyMs(): number {
    return this.#everyMs;
  }
  /** Throttles that had no room here or at the server. */
  get dropped(): number {
    return this.#dropped;
  }
  get size(): number {
    return this.#tallies.size;
  }

  /** What the feed says of all instances; `instances` is undefined where the server knows nothing of shares. */
  crowd(instances: number | undefined, busy: readonly string[]): void {
    const before = this.#busy;
    this.#instances = instances;
    this.#busy = new Set(busy.slice(0, MAX_BUSY));
    for (const [id, tally] of this.#tallies) {
      tally.busy = this.#busy.has(id);
      if (tally.busy) tally.opening = 0;
      else if (before.has(id)) tally.opening = openingOf(tally.rate, instances ?? 1);
    }
  }

  /** What it leaves now; in the monotonic clock, as all times here. */
  of(decision: FeedDecision, rate: RateLimit, now: number): Allotment {
    if (this.#instances === undefined) return WHOLE;
    const tally = this.#tally(decision.id, rate, now);
    if (tally === undefined || tally.alone) return WHOLE;
    if (!this.#isAway(now)) return { type: 'counted', left: tally.left + tally.opening };
    if (tally.answeredAt > Number.NEGATIVE_INFINITY && now - this.#answeredAt < PART_KEPT_MS) {
      return { type: 'part', part: tally.part };
    }
    return WHOLE;
  }

  /** A request that the throttle applies to was seen, and let pass or not. */
  saw(id: string, admitted: boolean, now: number): void {
    const tally = this.#tallies.get(id);
    if (tally === undefined) return;
    tally.wanted += 1;
    tally.wantedAt = now;
    if (admitted) {
      tally.admitted += 1;
      if (tally.left >= 1 || tally.opening < 1) tally.left -= 1;
      else tally.opening -= 1;
    }
    this.onNeed(Math.max(now, this.#due(tally)));
  }

  /** Whether anything is to be told, now or soon. */
  get open(): boolean {
    for (const tally of this.#tallies.values()) if (isOpen(tally)) return true;
    return false;
  }

  /** From when on the server should hear what is open; infinite where nothing is. */
  get dueAt(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const tally of this.#tallies.values()) if (isOpen(tally)) due = Math.min(due, this.#due(tally));
    return due;
  }

  /** Once in the usual time; sooner where more may be there for the asking, unless all is handed out. */
  #due({ busy, left, opening, wanted, heard, toldAt }: Tally): number {
    const short = !busy && left + opening < 1 && wanted > heard;
    return toldAt + (short ? SOON_MS : this.#everyMs);
  }

  /** What the server is to hear now: what was told longest ago first, at most a hundred. */
  tell(now: number): Demand[] {
    const open = [...this.#tallies].filter(([, tally]) => isOpen(tally) && now - tally.toldAt >= SOON_MS);
    open.sort(([, a], [, b]) => a.toldAt - b.toldAt);
    const told = open.slice(0, MAX_DEMANDS);
    for (const [, tally] of told) tally.toldAt = now;
    if (told.length > 0) this.#askedAt ??= now;
    return told.map(([id, { rate, life, wanted, admitted }]) => ({ id, ...rate, life, wanted, admitted }));
  }

  /** The server's answer to what {@link tell} gave. */
  answered(told: readonly Demand[], shares: readonly Share[], everyMs: number, now: number): void {
    // What was admitted in an emergency would be a debt for everybody: it is forgotten.
    const stray = this.#failed && now - this.#answeredAt >= PART_KEPT_MS;
    this.#askedAt = undefined;
    this.#failed = false;
    this.#answeredAt = now;
    this.#everyMs = Math.min(Math.max(everyMs, 250), 30_000);
    const byId = new Map(shares.map((share) => [share.id, share]));
    for (const { id, life, wanted, admitted } of told) {
      const tally = this.#tallies.get(id);
      const share = byId.get(id);
      if (tally === undefined || tally.life !== life) continue;
      if (stray) this.#tallies.delete(id);
      tally.heard = wanted;
      tally.answeredAt = now;
      tally.alone = share === undefined;
      if (share === undefined) {
        this.#dropped += 1;
        continue;
      }
      tally.part = share.part;
      // What was admitted while the answer was on its way was taken from what had been told of before.
      tally.left = share.requests - (tally.admitted - admitted);
      tally.busy = share.busy;
      tally.opening = share.busy ? 0 : openingOf(tally.rate, this.#instances ?? 1);
    }
  }

  /** There was no answer that could be believed. */
  failed(): void {
    this.#askedAt = undefined;
    this.#failed = true;
  }

  #isAway(now: number): boolean {
    return this.#failed || (this.#askedAt !== undefined && now - this.#askedAt > UNANSWERED_MS);
  }

  #tally(id: string, rate: RateLimit, now: number): Tally | undefined {
    const known = this.#tallies.get(id);
    const same = known?.rate.requests === rate.requests && known.rate.windowSeconds === rate.windowSeconds;
    if (known && same && now - known.wantedAt < IDLE_MS) return known;
    if (!known && !this.#hasRoom(id, now)) {
      this.#dropped += 1;
      return undefined;
    }
    this.#lives += 1;
    const opening = this.#busy.has(id) ? 0 : openingOf(rate, this.#instances ?? 1);
    const never = Number.NEGATIVE_INFINITY;
    const counts = {
      life: this.#lives,
      wanted: 0,
      admitted: 0,
      heard: 0,
      left: 0,
      opening,
      part: 0,
      busy: this.#busy.has(id),
      alone: false,
    };
    const fresh: Tally = { rate, ...counts, wantedAt: now, toldAt: never, answeredAt: never };
    this.#tallies.set(id, fresh);
    return fresh;
  }

  #hasRoom(id: string, now: number): boolean {
    if (!ID.test(id)) return false;
    if (this.#tallies.size < MAX_TALLIES) return true;
    for (const [one, tally] of this.#tallies) if (now - tally.wantedAt >= IDLE_MS) this.#tallies.delete(one);
    return this.#tallies.size < MAX_TALLIES;
  }
}

/** Something was wanted that the server has not heard of, or something is left that others could use. */
const isOpen = ({ wanted, heard, left }: Tally): boolean => wanted > heard || left > 0;
