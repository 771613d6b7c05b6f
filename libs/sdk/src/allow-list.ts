/**
 * The allow-list of the service: who is on it is refused nothing, whatever is decided about its actor, its credential or its
 * address. Asked only where a decision applies, so that it costs ordinary requests nothing.
 */
import { BlockList, isIPv4 } from 'node:net';
import type { AllowList } from '@plimsoll/contracts';
import type { Caller } from './bouncer.js';
import { addRange } from './proxies.js';

export class Allowed {
  readonly #actors: ReadonlySet<string>;
  /** Of entries with a `*` at the end. */
  readonly #prefixes: readonly string[];
  readonly #addresses = new BlockList();
  readonly #credentials: ReadonlySet<string>;

  constructor({ actors, addresses, credentials }: AllowList) {
    this.#actors = new Set(actors);
    this.#prefixes = actors.filter((id) => id.endsWith('*')).map((id) => id.slice(0, -1));
    for (const range of addresses) addRange(this.#addresses, range);
    this.#credentials = new Set(credentials);
  }

  /** An actor counts only where the host has verified it: else anybody could name one that is listed. */
  holds({ actor, authenticated, credential, ip }: Caller): boolean {
    if (actor !== undefined && authenticated !== false && this.#lists(actor)) return true;
    if (credential !== undefined && this.#credentials.has(credential)) return true;
    return ip !== undefined && this.#addresses.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6');
  }

  #lists(actor: string): boolean {
    return this.#actors.has(actor) || this.#prefixes.some((prefix) => actor.startsWith(prefix));
  }
}
