/**
 * Addresses and ranges of them (RFC 4291, RFC 4632), compared as bits. A v4 address mapped into v6 (`::ffff:192.0.2.1`)
 * is the v4 address; a zone (`fe80::1%eth0`) says nothing. Text that is no address or range matches nothing.
 */

/** 32 or 128 bits, most significant first. */
function bitsOf(address: string): string | undefined {
  if (address.length > LONGEST) return undefined;
  if (!address.includes(':')) return v4Bits(address);
  const [plain = ''] = address.split('%', 1);
  const dotted = /^(.*:)([\d.]+\.\d+)$/.exec(plain);
  const tail = dotted ? v4Bits(dotted[2] ?? '') : '';
  if (tail === undefined) return undefined;
  const [front = '', back, ...more] = (dotted ? (dotted[1] ?? '').replace(/([^:]):$/, '$1') : plain).split('::');
  const left = wordBits(front);
  const right = back === undefined ? '' : wordBits(back);
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  // `::` stands for one word of zeros at least.
  const gap = 128 - left.length - right.length - tail.length;
  if (back === undefined ? gap !== 0 : gap < 16) return undefined;
  const bits = left + '0'.repeat(gap) + right + tail;
  return bits.startsWith(MAPPED) ? bits.slice(96) : bits;
}

const MAPPED = `${'0'.repeat(80)}${'1'.repeat(16)}`;
/** Eight words, or six and a v4 address, and a zone of 64: longer text is no address. */
const LONGEST = 45 + 65;

function v4Bits(text: string): string | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts?.every((part) => part <= 255)) return undefined;
  return parts.map((part) => part.toString(2).padStart(8, '0')).join('');
}

function wordBits(text: string): string | undefined {
  if (text === '') return '';
  const words = text.split(':');
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return words.map((word) => Number.parseInt(word, 16).toString(2).padStart(16, '0')).join('');
}

/** The bits that all addresses of a range have in common. */
function prefixOf(range: string): { bits: string; family: number } | undefined {
  const [address = '', length, ...more] = range.split('/');
  const bits = bitsOf(address);
  if (bits === undefined || more.length > 0) return undefined;
  if (length === undefined) return { bits, family: bits.length };
  const mapped = address.includes(':') && bits.length === 32 ? 96 : 0;
  const kept = /^\d{1,3}$/.test(length) ? Number(length) - mapped : -1;
  return kept >= 0 && kept <= bits.length ? { bits: bits.slice(0, kept), family: bits.length } : undefined;
}

/** Ranges compiled once. */
export class AddressRanges {
  readonly #prefixes: { bits: string; family: number }[];

  constructor(ranges: readonly string[]) {
    this.#prefixes = ranges.flatMap((range) => prefixOf(range) ?? []);
  }

  /** The whole of an address or range (`2001:db8::/64`). Not remembered: rules.ts keeps the answers of those seen lately. */
  holds(address: string): boolean {
    if (this.#prefixes.length === 0) return false;
    const asked = prefixOf(address);
    return (
      asked !== undefined && this.#prefixes.some(({ family, bits }) => family === asked.family && asked.bits.startsWith(bits))
    );
  }
}
