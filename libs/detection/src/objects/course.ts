/**
 * Which object a request asks for: what stands in its path where the endpoint has parameters, as a hash of 32 bits, and as
 * a number where it is one. Read from the path character by character, without making strings. Paths may have segments
 * before the template (a router mounted elsewhere) or after it (a catch-all), or not fit at all: then something is hashed
 * that is the same for the same path.
 */
const SLASH = 47;
const ZERO = 48;
/** Digits that a number holds exactly. */
const MOST_DIGITS = 15;
/** Segments of a template that are looked at: a bit each. */
const MOST_SEGMENTS = 30;

export class Course {
  /** Of the object read last; 0 where the path has nothing at a parameter. */
  hash = 0;
  /** The last parameter of the object read last, -1 where it is no number. */
  number = -1;
  #segments = 0;
  readonly #mask: number;
  readonly #count: number;
  readonly #head: string;

  private constructor(segments: readonly string[]) {
    this.#count = segments.length;
    this.#mask = segments.reduce((mask, segment, index) => (segment.startsWith(':') ? mask | (1 << index) : mask), 0);
    this.#head = segments[0]?.startsWith(':') ? '/' : `/${segments[0]}/`;
  }

  /** Undefined where the endpoint has no parameter. */
  static of(endpoint: string): Course | undefined {
    const path = endpoint.slice(endpoint.indexOf(' ') + 1);
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .slice(0, MOST_SEGMENTS);
    return segments.some((segment) => segment.startsWith(':')) ? new Course(segments) : undefined;
  }

  read(path: string): void {
    this.#pass(path, 0);
    const beyond = this.#segments - this.#count;
    if (beyond > 0 && !path.startsWith(this.#head)) this.#pass(path, beyond);
  }

  /** @param shift segments before the template's first; what comes after its last belongs to the last */
  #pass(path: string, shift: number): void {
    const last = this.#count - 1;
    let hash = 0x811c9dc5;
    let number = -1;
    let digits = 0;
    let segment = -1;
    let inside = false;
    let wanted = false;
    let found = false;
    for (let index = 0; index < path.length; index += 1) {
      const code = path.charCodeAt(index);
      if (code === SLASH) {
        inside = false;
        continue;
      }
      if (!inside) {
        inside = true;
        segment += 1;
        const place = segment - shift;
        wanted = place >= 0 && ((this.#mask >>> (place < last ? place : last)) & 1) === 1;
        if (wanted) {
          found = true;
          hash = Math.imul(hash ^ SLASH, 0x01000193);
          number = 0;
          digits = 0;
        }
      }
      if (!wanted) continue;
      hash = Math.imul(hash ^ code, 0x01000193);
      const digit = code - ZERO;
      digits += 1;
      number = digit >= 0 && digit <= 9 && number >= 0 && digits <= MOST_DIGITS ? number * 10 + digit : -1;
    }
    this.#segments = segment + 1;
    this.number = number;
    this.hash = found ? finished(hash) : 0;
  }
}

/** FNV-1a leaves neighbours close together; the finaliser of MurmurHash3 (A. Appleby, public domain) spreads them. */
function finished(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
