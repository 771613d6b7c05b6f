/**
 * Lists that somebody reads just now: what is new for them waits here, behind a count, so that no row moves under the eyes or the
 * pointer. Bounded: the newest are kept whole, of the others only the id, for the count; beyond that only that there are more.
 */

/** Items kept whole; a list that more wait for begins anew. */
const KEPT = 200;
/** Ids that are counted; what comes after them is dropped, and the count says `at least`. */
export const COUNTED = 10_000;

interface Waiting<T> {
  /** The newest, oldest first. */
  items: Map<string, T>;
  ids: Set<string>;
}

export class HeldLists<T extends { id: string }> {
  readonly #lists = new Map<string, Waiting<T>>();
  readonly #listeners = new Set<() => void>();

  /** @param hash names the list: the hash of its query's key */
  hold(hash: string): void {
    if (!this.#lists.has(hash)) this.#lists.set(hash, { items: new Map(), ids: new Set() });
  }

  isHeld(hash: string): boolean {
    return this.#lists.has(hash);
  }

  /** @param gone ids that no longer wait: they are in the list by now, or do not belong into it any more */
  wait(hash: string, fresh: readonly T[], gone: readonly string[]): void {
    const waiting = this.#lists.get(hash);
    if (!waiting) return;
    const { items, ids } = waiting;
    for (const id of gone) {
      items.delete(id);
      ids.delete(id);
    }
    for (const item of fresh) {
      items.delete(item.id);
      items.set(item.id, item);
      if (ids.size < COUNTED) ids.add(item.id);
    }
    for (const oldest of items.keys()) {
      if (items.size <= KEPT) break;
      items.delete(oldest);
    }
    if (fresh.length + gone.length > 0) for (const listener of this.#listeners) listener();
  }

  /** The list was asked for anew: what waited is in it by now. It is still read. */
  empty(hash: string): void {
    if (this.count(hash) === 0) return;
    this.#lists.set(hash, { items: new Map(), ids: new Set() });
    for (const listener of this.#listeners) listener();
  }

  /** @returns how many wait, at most {@link COUNTED} */
  count(hash: string): number {
    return this.#lists.get(hash)?.ids.size ?? 0;
  }

  /** Ends the holding. @returns what waited, oldest first; undefined where that is more than was kept. */
  release(hash: string): T[] | undefined {
    const waiting = this.#lists.get(hash);
    this.#lists.delete(hash);
    for (const listener of this.#listeners) listener();
    if (!waiting) return [];
    return waiting.ids.size > waiting.items.size ? undefined : [...waiting.items.values()];
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
