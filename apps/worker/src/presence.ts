/**
 * What this worker has to tell of who is there (storage/presence.ts): each source once in five minutes, and accounts behind
 * an address only where there are several, so that ordinary traffic costs three look-ups in memory and nothing else.
 * Bounded: where a table is full it is begun anew, and some are told twice, which changes no count.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { heldAddress, PRESENCE_MS, type Present } from '@plimsoll/storage';

/** Of each table of a service. Services are rows that people made: their number bounds the rest. */
const MAX_TOLD = 100_000;

interface Told {
  actors: Set<string>;
  addresses: Set<string>;
  /** The first account at each address. */
  first: Map<string, string>;
  /** Address and account, where there are several. */
  pairs: Set<string>;
}

export class Presence {
  #period = 0;
  readonly #services = new Map<string, Told>();
  /** What is held of an address: worked out once, since reading IPv6 costs more than all else here. */
  readonly #held = new Map<string, string>();

  constructor(private readonly maxTold = MAX_TOLD) {}

  /** What is news among the live logs of a batch. `now` in milliseconds. */
  news(service: string, logs: readonly RequestLog[], now: number): Present {
    const told = this.#toldOf(service, Math.floor(now / PRESENCE_MS));
    const sources: string[] = [];
    const behind: [string, string][] = [];
    for (const { timing, actor, authenticated, ip } of logs) {
      if (timing !== 'live') continue;
      const address = this.#heldOf(ip);
      if (!authenticated || actor === undefined) {
        if (this.#isNews(told.addresses, address)) sources.push(`address ${address}`);
        continue;
      }
      if (this.#isNews(told.actors, actor)) sources.push(`actor ${actor}`);
      const first = told.first.get(address);
      if (first === undefined) this.#note(told.first, address, actor);
      else if (first !== actor) behind.push(...this.#pairs(told.pairs, address, first, actor));
    }
    return { sources, behind };
  }

  #toldOf(service: string, period: number): Told {
    if (period !== this.#period) {
      this.#period = period;
      this.#services.clear();
    }
    const known = this.#services.get(service);
    if (known) return known;
    const told: Told = { actors: new Set(), addresses: new Set(), first: new Map(), pairs: new Set() };
    this.#services.set(service, told);
    return told;
  }

  #heldOf(ip: string): string {
    const known = this.#held.get(ip);
    if (known !== undefined) return known;
    const held = heldAddress(ip);
    this.#note(this.#held, ip, held);
    return held;
  }

  #pairs(known: Set<string>, address: string, first: string, actor: string): [string, string][] {
    return [first, actor].filter((one) => this.#isNews(known, `${address} ${one}`)).map((one) => [address, one]);
  }

  #note(table: Map<string, string>, key: string, value: string): void {
    if (table.size >= this.maxTold) table.clear();
    table.set(key, value);
  }

  #isNews(table: Set<string>, text: string): boolean {
    if (table.has(text)) return false;
    if (table.size >= this.maxTold) table.clear();
    table.add(text);
    return true;
  }
}
