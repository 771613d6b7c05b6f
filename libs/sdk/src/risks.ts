/**
 * What there is to hold against callers, as the feed says: for the host's own access rules, never for a verdict. Few have a risk, so these
 * are plain maps, bounded; a caller of whom nothing is known costs one look-up and no object. Risks fade by themselves, by
 * the server's time, so that one that nobody takes back is gone within hours.
 */
import type { FeedRisk } from '@plimsoll/contracts';
import { addressGroup, plainAddress } from './address.js';
import type { Caller } from './bouncer.js';
import { cleanId } from './log.js';
import type { Verdict } from './verdict.js';

/** How much there is to hold against the caller now. */
export interface Risk {
  /** Above 0, at most 1. From 0.75 on something critical is open against it, from 0.5 something high, from 0.25 something medium. */
  score: number;
  /** Kinds of the alerts, the heaviest first: `token-theft`. */
  signals: readonly string[];
  /** When the first of them began, milliseconds since the epoch. */
  since: number;
}
/** What the risk is about. */
export interface Context {
  /** Whose it is: the user's, the credential's; an address's only where nobody is signed in. */
  subject: FeedRisk['subject']['type'];
  /** Unresolved alerts. */
  alerts: number;
  /** When the user last proved itself, milliseconds since the epoch; null where it did not. */
  provedAt: number | null;
}
export interface Known {
  risk: Risk;
  context: Context;
}

/** More than the server hands out. */
const MAX_RISKS = 5_000;

export class Risks {
  readonly #held = {
    actor: new Map<string, FeedRisk>(),
    credential: new Map<string, FeedRisk>(),
    address: new Map<string, FeedRisk>(),
  };
  /** Server's time minus the monotonic clock. */
  #offset = 0;
  #halfLifeMs = Number.POSITIVE_INFINITY;
  #floor = 0;
  #dropped = 0;

  constructor(private readonly maxRisks = MAX_RISKS) {}

  get size(): number {
    const { actor, credential, address } = this.#held;
    return actor.size + credential.size + address.size;
  }
  /** Risks that found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `now` is the monotonic clock in milliseconds, here and below. What has faded is let go. */
  clock(serverTime: number, now: number): void {
    this.#offset = serverTime - now;
    for (const map of Object.values(this.#held)) {
      for (const [id, risk] of map) if (this.#present(risk, now) === 0) map.delete(id);
    }
  }

  begin(): void {
    for (const map of Object.values(this.#held)) map.clear();
  }

  change({
    raised,
    gone,
    halfLifeMs,
    floor,
  }: {
    raised: readonly FeedRisk[];
    gone: readonly FeedRisk['subject'][];
    halfLifeMs: number;
    floor: number;
  }): void {
    this.#halfLifeMs = halfLifeMs;
    this.#floor = floor;
    for (const { type, id } of gone) this.#held[type].delete(keyOf(type, id));
    for (const risk of raised) {
      const { type, id } = risk.subject;
      const key = keyOf(type, id);
      if (!this.#held[type].has(key) && this.size >= this.maxRisks) this.#dropped += 1;
      else this.#held[type].set(key, risk);
    }
  }

  /** The verdict with what is known of its caller; the same verdict where that is nothing. */
  on(verdict: Verdict, caller: Caller, now: number): Verdict {
    const known = this.of(caller, now);
    return known === undefined ? verdict : { ...verdict, ...known };
  }

  /** The higher one of actor and credential, or the address's where nobody is signed in. */
  of(caller: Caller, now: number): Known | undefined {
    const { actor: actors, credential: credentials, address: addresses } = this.#held;
    const actor = caller.authenticated === false ? undefined : cleanId(caller.actor, 256);
    let found = actors.size > 0 && actor !== undefined ? actors.get(actor) : undefined;
    if (credentials.size > 0) found = this.#higher(found, caller.credential, now);
    if (addresses.size > 0 && actor === undefined) {
      const ip = caller.ip === undefined ? undefined : plainAddress(caller.ip);
      const there = ip === undefined ? undefined : addresses.get(addressGroup(ip));
      found ??= there;
    }
    return found && this.#known(found, now);
  }

  #higher(one: FeedRisk | undefined, credential: string | undefined, now: number): FeedRisk | undefined {
    const other = credential === undefined ? undefined : this.#held.credential.get(credential);
    if (one === undefined || other === undefined) return one ?? other;
    return this.#present(other, now) > this.#present(one, now) ? other : one;
  }

  #known(held: FeedRisk, now: number): Known | undefined {
    const score = this.#present(held, now);
    if (score === 0) return undefined;
    const { signals, since, subject, alerts, provedAt } = held;
    return { risk: { score, signals, since }, context: { subject: subject.type, alerts, provedAt } };
  }

  /** As libs/detection/src/risk.ts has it, with the numbers that came with the feed. */
  #present({ score, quietSince }: FeedRisk, now: number): number {
    const present = score * 2 ** (-Math.max(0, now + this.#offset - quietSince) / this.#halfLifeMs);
    return present < this.#floor ? 0 : present;
  }
}

const keyOf = (type: FeedRisk['subject']['type'], id: string): string => (type === 'address' ? addressGroup(id) : id);
