/**
 * What this worker has to tell of who is there (storage/presence.ts): each source once in five minutes, and accounts behind
 * an address only where there are several, so that ordinary traffic costs a look-up in memory and nothing else. Bounded:
 * where a table is full it is begun anew, and some are told twice, which changes no count.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { heldAddress, PRESENCE_MS, type Present } from '@plimsoll/storage';

const MAX_TOLD = 200_000;
const MAX_ADDRESSES = 100_000;

export class Presence {
  #period = 0;
  readonly #told = new Set<string>();
  /** What is held of an address: worked out once, since reading IPv6 costs more than all else here. */
  readonly #held = new Map<string, string>();
  /** The first account at each address. */
  readonly #first = new Map<string, string>();

  constructor(
    private readonly maxTold = MAX_TOLD,
    private readonly maxAddresses = MAX_ADDRESSES,
  ) {}

  /** What is news among the live logs of a batch. `now` in milliseconds. */
  news(service: string, logs: readonly RequestLog[], now: number): Present {
    const period = Math.floor(now / PRESENCE_MS);
    if (period !== this.#period) {
      this.#period = period;
      this.#told.clear();
      this.#first.clear();
    }
    const sources: string[] = [];
    const behind: [string, string][] = [];
    for (const { timing, actor, authenticated, ip } of logs) {
      if (timing !== 'live') continue;
      const address = this.#heldOf(ip);
      const vouched = authenticated ? actor : undefined;
      const source = vouched === undefined ? `address ${address}` : `actor ${vouched}`;
      if (this.#isNews(`${service} ${source}`)) sources.push(source);
      if (vouched !== undefined) behind.push(...this.#behind(service, address, vouched));
    }
    return { sources, behind };
  }

  #heldOf(ip: string): string {
    const known = this.#held.get(ip);
    if (known !== undefined) return known;
    if (this.#held.size >= this.maxAddresses) this.#held.clear();
    const held = heldAddress(ip);
    this.#held.set(ip, held);
    return held;
  }

  #behind(service: string, address: string, actor: string): [string, string][] {
    const place = `${service} ${address}`;
    const first = this.#first.get(place);
    if (first === undefined) {
      if (this.#first.size >= this.maxAddresses) this.#first.clear();
      this.#first.set(place, actor);
    }
    if (first === undefined || first === actor) return [];
    return [first, actor].filter((one) => this.#isNews(`${place} ${one}`)).map((one) => [address, one]);
  }

  #isNews(text: string): boolean {
    if (this.#told.has(text)) return false;
    if (this.#told.size >= this.maxTold) this.#told.clear();
    this.#told.add(text);
    return true;
  }
}
