/**
 * A shortcut to sources that were met before, by a hash of their id. A map of texts finds a source by three looks into
 * memory, each after the other; here the first look says who it may be, and the looks for many ids overlap. Nothing depends
 * on it: who is not found within a few places, or turns out to be another, is asked of the map, so that ids which are made to
 * collide gain nothing. 16 to 32 bytes a source.
 */
const LEAST_PLACES = 256;
/** Places looked at. */
const PROBES = 8;
/** Characters that are hashed: ids differ before. */
const HASHED = 64;

export class Shortcut {
  /** Two words a place: the hash, and the source's index + 1, 0 where the place is free. */
  #places = new Int32Array(2 * LEAST_PLACES);

  /** Index of the source that this may be, -1 where none is known. `salt` tells apart who may have the same id. */
  at(id: string, salt: number): number {
    const places = this.#places;
    const mask = places.length - 2;
    const hash = hashOf(id, salt);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const place = ((hash + probe) << 1) & mask;
      const index = (places[place + 1] ?? 0) - 1;
      if (index < 0 || places[place] === hash) return index;
    }
    return -1;
  }

  /**
   * @param index of the source
   * @param sources how many there are: beyond half of the places all begin anew with twice as many
   */
  note(id: string, salt: number, index: number, sources: number): void {
    if (sources * 4 > this.#places.length) this.#places = new Int32Array(this.#places.length * 2);
    const places = this.#places;
    const mask = places.length - 2;
    const hash = hashOf(id, salt);
    let at = (hash << 1) & mask;
    for (let probe = 0; probe < PROBES; probe += 1) {
      const place = ((hash + probe) << 1) & mask;
      if (places[place + 1] !== 0 && places[place] !== hash) continue;
      at = place;
      break;
    }
    places[at] = hash;
    places[at + 1] = index + 1;
  }
}

/** FNV-1a, folded. */
function hashOf(id: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let at = 0; at < id.length && at < HASHED; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
