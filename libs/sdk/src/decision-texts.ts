/**
 * The texts of decisions (id, subject, reason) and the rates of throttles, packed into segments of bytes: a hundred
 * thousand decisions are then a few buffers for the host's garbage collector, not half a million objects. Latin-1 texts
 * take a byte a character, others two. Where much was freed, the emptiest segment is moved together, one at a time.
 */
import type { RateLimit } from '@plimsoll/contracts';

export interface Texts {
  id: string;
  subject: string;
  reason: string;
  rate: RateLimit | null;
}

interface Segment {
  bytes: Buffer;
  used: number;
  live: number;
}

const SEGMENT_BITS = 18;
const SEGMENT_BYTES = 1 << SEGMENT_BITS;
/** slot 4, length 2, form 1, and the lengths of id, subject and reason, 2 each. */
const HEAD = 13;
const RATE_BYTES = 16;
/** Ids that Plimsoll makes: 96 random bits. */
const OWN_ID = /^dec_[\w-]{16}$/;
const WIDE = { id: 1, subject: 2, reason: 4 } as const;
const PACKED_ID = 8;
const HAS_RATE = 16;

export class DecisionTexts {
  readonly #segments: Segment[] = [];
  #current = -1;
  #live = 0;

  /** `moved` is told where a record lies after it was moved. */
  constructor(private readonly moved: (slot: number, from: number, to: number) => void) {}

  /** Bytes of the records that live. */
  get liveBytes(): number {
    return this.#live;
  }
  /** Bytes of all segments: at most half as much again, and four segments. */
  get sizeBytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** @returns where the record lies. */
  write(slot: number, { id, subject, reason, rate }: Texts): number {
    const packed = OWN_ID.test(id);
    let form = (packed ? PACKED_ID : isWide(id) ? WIDE.id : 0) | (rate ? HAS_RATE : 0);
    form |= (isWide(subject) ? WIDE.subject : 0) | (isWide(reason) ? WIDE.reason : 0);
    const sizes = [
      packed ? 12 : sizeOf(id, form & WIDE.id),
      sizeOf(subject, form & WIDE.subject),
      sizeOf(reason, form & WIDE.reason),
    ] as const;
    const length = HEAD + (rate ? RATE_BYTES : 0) + sizes[0] + sizes[1] + sizes[2];
    const at = this.#room(length);
    const { bytes } = this.#segments[at >> SEGMENT_BITS] as Segment;
    let offset = at & (SEGMENT_BYTES - 1);
    bytes.writeInt32LE(slot, offset);
    bytes.writeUInt16LE(length, offset + 4);
    bytes[offset + 6] = form;
    for (const [index, size] of sizes.entries()) bytes.writeUInt16LE(size, offset + 7 + 2 * index);
    offset += HEAD;
    if (rate) {
      bytes.writeDoubleLE(rate.requests, offset);
      bytes.writeDoubleLE(rate.windowSeconds, offset + 8);
      offset += RATE_BYTES;
    }
    offset += packed ? bytes.write(id.slice(4), offset, 'base64url') : bytes.write(id, offset, encodingOf(form & WIDE.id));
    offset += bytes.write(subject, offset, encodingOf(form & WIDE.subject));
    bytes.write(reason, offset, encodingOf(form & WIDE.reason));
    return at;
  }

  read(at: number): Texts {
    const { bytes, offset, form, idSize, subjectSize, reasonSize } = this.#open(at);
    const rateAt = offset + HEAD;
    const idAt = rateAt + (form & HAS_RATE ? RATE_BYTES : 0);
    const subjectAt = idAt + idSize;
    const reasonAt = subjectAt + subjectSize;
    const rate = form & HAS_RATE ? { requests: bytes.readDoubleLE(rateAt), windowSeconds: bytes.readDoubleLE(rateAt + 8) } : null;
    return {
      id:
        form & PACKED_ID
          ? `dec_${bytes.toString('base64url', idAt, subjectAt)}`
          : bytes.toString(encodingOf(form & WIDE.id), idAt, subjectAt),
      subject: bytes.toString(encodingOf(form & WIDE.subject), subjectAt, reasonAt),
      reason: bytes.toString(encodingOf(form & WIDE.reason), reasonAt, reasonAt + reasonSize),
      rate,
    };
  }

  /** Compared character by character: asked for each request of a subject that has decisions. */
  isSubject(at: number, subject: string): boolean {
    const { bytes, offset, form, idSize, subjectSize } = this.#open(at);
    const start = offset + HEAD + (form & HAS_RATE ? RATE_BYTES : 0) + idSize;
    const wide = (form & WIDE.subject) !== 0;
    if (subjectSize !== (wide ? subject.length * 2 : subject.length)) return false;
    for (let index = 0; index < subject.length; index += 1) {
      const code = wide ? bytes.readUInt16LE(start + 2 * index) : bytes[start + index];
      if (code !== subject.charCodeAt(index)) return false;
    }
    return true;
  }

  free(at: number): void {
    const { bytes, offset } = this.#open(at);
    const index = at >> SEGMENT_BITS;
    const segment = this.#segments[index] as Segment;
    const length = bytes.readUInt16LE(offset + 4);
    bytes.writeInt32LE(-1, offset);
    segment.live -= length;
    this.#live -= length;
    if (segment.live === 0) segment.used = 0;
  }

  #open(at: number) {
    const { bytes } = this.#segments[at >> SEGMENT_BITS] as Segment;
    const offset = at & (SEGMENT_BYTES - 1);
    return {
      bytes,
      offset,
      form: bytes[offset + 6] ?? 0,
      idSize: bytes.readUInt16LE(offset + 7),
      subjectSize: bytes.readUInt16LE(offset + 9),
      reasonSize: bytes.readUInt16LE(offset + 11),
    };
  }

  #room(length: number): number {
    let segment = this.#segments[this.#current];
    if (segment === undefined || segment.used + length > SEGMENT_BYTES) {
      // A third of what is kept is dead: one segment is moved together, which costs at most a copy of its live part.
      if (this.#segments.length > 3 && this.#live < 0.67 * this.sizeBytes) this.#compact();
      this.#current = this.#empty();
      segment = this.#segments[this.#current] as Segment;
    }
    const at = (this.#current << SEGMENT_BITS) + segment.used;
    segment.used += length;
    segment.live += length;
    this.#live += length;
    return at;
  }

  #empty(): number {
    const empty = this.#segments.findIndex(({ used }) => used === 0);
    if (empty >= 0) return empty;
    return this.#segments.push({ bytes: Buffer.allocUnsafeSlow(SEGMENT_BYTES), used: 0, live: 0 }) - 1;
  }

  /** Moves what lives in the emptiest segment into a fresh one; records keep their order. */
  #compact(): void {
    let from = -1;
    for (const [index, { used, live }] of this.#segments.entries()) {
      if (used > 0 && (from < 0 || live < (this.#segments[from] as Segment).live)) from = index;
    }
    const source = this.#segments[from];
    if (source === undefined) return;
    const target = this.#empty();
    const { bytes } = this.#segments[target] as Segment;
    let end = 0;
    for (let offset = 0; offset < source.used; ) {
      const slot = source.bytes.readInt32LE(offset);
      const length = source.bytes.readUInt16LE(offset + 4);
      if (slot >= 0) {
        source.bytes.copy(bytes, end, offset, offset + length);
        this.moved(slot, (from << SEGMENT_BITS) + offset, (target << SEGMENT_BITS) + end);
        end += length;
      }
      offset += length;
    }
    Object.assign(this.#segments[target] as Segment, { used: end, live: end });
    Object.assign(source, { used: 0, live: 0 });
  }
}

const isWide = (text: string): boolean => /[^\u0000-\u00ff]/.test(text);
const sizeOf = (text: string, wide: number): number => (wide ? 2 * text.length : text.length);
const encodingOf = (wide: number): 'utf16le' | 'latin1' => (wide ? 'utf16le' : 'latin1');
