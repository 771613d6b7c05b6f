/**
 * Addresses and ranges of them (RFC 4291, RFC 4632), compared as bits. A v4 address mapped into v6 (`::ffff:192.0.2.1`)
 * is the v4 address. Text that is no address matches nothing.
 */

/** 32 or 128 bits, most significant first. */
function bitsOf(address: string): string | undefined {
  if (!address.includes(':')) return v4Bits(address);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const tail = dotted ? v4Bits(dotted[2] ?? '') : '';
  if (tail === undefined) return undefined;
  const [front = '', back, ...more] = (dotted ? (dotted[1] ?? '').replace(/([^:]):$/, '$1') : address).split('::');
  if (more.length > 0) return undefined;
  const left = wordBits(front);
  const right = (back === undefined ? '' : (wordBits(back) ?? 'x')) + tail;
  if (left === undefined || right.includes('x')) return undefined;
  const gap = 128 - left.length - right.length;
  if (back === undefined ? gap !== 0 : gap < 0) return undefined;
  const bits = left + '0'.repeat(gap) + right;
  return bits.startsWith(MAPPED) ? bits.slice(96) : bits;
}

const MAPPED = `${'0'.repeat(80)}${'1'.repeat(16)}`;

function v4Bits(text: string): string | undefined {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.map((part) => part.toString(2).padStart(8, '0')).join('');
}

function wordBits(text: string): string | undefined {
  if (text === '') return '';
  const words = text.split(':');
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return words.map((word) => Number.parseInt(word, 16).toString(2).padStart(16, '0')).join('');
}

/** Ranges compiled once; `holds` remembers what it was asked lately. */
export class AddressRanges {
  readonly #prefixes: { bits: string; family: number }[] = [];
  readonly #known = new Map<string, boolean>();

  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', length] = range.split('/', 2);
      const bits = bitsOf(address);
      if (bits === undefined) continue;
      const mapped = address.includes(':') && bits.length === 32 ? 96 : 0;
      const kept = length === undefined ? bits.length : Math.max(0, Number(length) - mapped);
      this.#prefixes.push({ bits: bits.slice(0, kept), family: bits.length });
    }
  }

  holds(address: string): boolean {
    if (this.#prefixes.length === 0) return false;
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const bits = bitsOf(address);
    const holds = bits !== undefined && this.#prefixes.some((one) => one.family === bits.length && bits.startsWith(one.bits));
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(address, holds);
    return holds;
  }
}

/** Answers remembered; then all are forgotten at once. */
const REMEMBERED = 10_000;
