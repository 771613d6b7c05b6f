/**
 * Which pairs of account and address have signed in before, as 32-bit fingerprints: one strange pair in 65,000 is taken for
 * a known one, which makes a campaign no smaller. Kept in parts by fingerprint; each part is stored by itself and forgets
 * its longest unseen pair when it is full. A pair is refreshed once a day, so that a part is rarely written.
 */
import { DAY, HOME_AFTER_SECONDS, HOME_PARTS, HOMES_A_PART } from './constants.js';

/** FNV-1a over UTF-16 code units, with a last mix: stable across processes. */
export function fingerprint(account: string, address: string): number {
  let hash = 0x811c9dc5;
  for (const text of [account, '\n', address])
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

interface Stay {
  since: number;
  seen: number;
}

export class Homes {
  readonly #parts: (Map<number, Stay> | undefined)[] = [];
  readonly dirty = new Set<number>();

  /** Signed in well before `second`. */
  has(account: string, address: string, second: number): boolean {
    const print = fingerprint(account, address);
    const stay = this.#parts[print % HOME_PARTS]?.get(print);
    return stay !== undefined && second - stay.since >= HOME_AFTER_SECONDS;
  }

  add(account: string, address: string, second: number): void {
    const print = fingerprint(account, address);
    const index = print % HOME_PARTS;
    const part = this.#parts[index] ?? new Map<number, Stay>();
    this.#parts[index] = part;
    const known = part.get(print);
    if (known && second - known.seen < DAY.seconds) return;
    this.dirty.add(index);
    part.delete(print);
    part.set(print, { since: known?.since ?? second, seen: second });
    if (part.size <= HOMES_A_PART) return;
    const [eldest = -1] = part.keys();
    part.delete(eldest);
  }

  /** Of one part, oldest first: fingerprint, first and last second. */
  part(index: number): number[] {
    return [...(this.#parts[index] ?? [])].flatMap(([print, { since, seen }]) => [print, since, seen]);
  }

  load(index: number, stays: readonly number[]): void {
    const part = new Map<number, Stay>();
    for (let at = 0; at + 2 < stays.length; at += 3)
      part.set(stays[at] ?? 0, { since: stays[at + 1] ?? 0, seen: stays[at + 2] ?? 0 });
    this.#parts[index] = part;
  }
}
