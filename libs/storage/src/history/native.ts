/**
 * Reads ClickHouse's format Native: blocks of columns, in which a word that repeats is written once and then named by its place.
 * A log read so costs a quarter of one read from JSON, and equal words are one string in memory. It hides the layout: that
 * of HTTP, where no revision of the protocol is asked for. Three types are known, Float64, UInt32 and texts (String, or
 * LowCardinality of it): who asks casts all others to them.
 *
 *   block            columns, rows (as varints), then each column: its name, its type, its values; nothing where there are no rows
 *   text             length as a varint, UTF-8
 *   LowCardinality   64 bits each: version 1, flags (width of an index, further words follow), words; the words; rows, an index each
 */

export type Column = Float64Array | Uint32Array | readonly string[];

export interface Block {
  rows: number;
  columns: Column[];
}

const VERSION = 1n;
/** The words stand in the block itself; others, before it. */
const WORDS_FOLLOW = 0x200;
const WORDS_SHARED = 0x100;
const WIDTH = 0xff;
/** Words remembered, so that what repeats from block to block is one string; then all are forgotten at once. */
const REMEMBERED = 50_000;
/** Characters of what came in place of a block that are shown. */
const SHOWN = 200;

class Bytes {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  readonly #source: AsyncIterator<Buffer>;
  readonly #known = new Map<string, string>();

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next byte, which stays; undefined at the end. */
  async peek(): Promise<number | undefined> {
    while (this.#at >= this.#bytes.length) if (!(await this.#more())) return undefined;
    return this.#bytes[this.#at];
  }

  async take(size: number): Promise<Buffer> {
    if (this.#bytes.length - this.#at < size) await this.#fill(size);
    const part = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return part;
  }

  async varint(): Promise<number> {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = (await this.take(1))[0] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  async texts(count: number): Promise<string[]> {
    const texts: string[] = [];
    for (;;) {
      this.#textsHere(texts, count);
      if (texts.length === count) return texts;
      if (!(await this.#more())) throw brokenOff('');
    }
  }

  /** @param count more than none */
  async words(count: number): Promise<string[]> {
    const head = await this.take(24);
    const flags = head.readUInt32LE(8);
    const alone = (flags & (WORDS_FOLLOW | WORDS_SHARED)) === WORDS_FOLLOW;
    if (head.readBigUInt64LE(0) !== VERSION || !alone) throw brokenOff('words of an unknown form');
    const words = (await this.texts(Number(head.readBigUInt64LE(16)))).map((word) => this.#once(word));
    await this.take(8);
    const width = 1 << (flags & WIDTH);
    const indexes = await this.take(count * width);
    const texts: string[] = [];
    for (let at = 0; at < indexes.length; at += width) {
      const index = width === 1 ? indexes.readUInt8(at) : width === 2 ? indexes.readUInt16LE(at) : indexes.readUInt32LE(at);
      const word = words[index];
      if (word === undefined) throw brokenOff('a word that is not there');
      texts.push(word);
    }
    return texts;
  }

  async column(type: string, count: number): Promise<Column> {
    if (type === 'LowCardinality(String)') return this.words(count);
    if (type === 'String') return this.texts(count);
    if (type !== 'Float64' && type !== 'UInt32') throw brokenOff(`a column of type ${type}`);
    const values = type === 'Float64' ? new Float64Array(count) : new Uint32Array(count);
    // Both sides are little-endian: there is no Node for a machine that is not, but one, and no ClickHouse for that.
    Buffer.from(values.buffer).set(await this.take(values.byteLength));
    return values;
  }

  /** Those that lie here whole, up to `count` of them. */
  #textsHere(texts: string[], count: number): void {
    const bytes = this.#bytes;
    while (texts.length < count) {
      let at = this.#at;
      let length = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = bytes[at];
        if (byte === undefined) return;
        at += 1;
        length += (byte & 127) * factor;
        if (byte < 128) break;
      }
      if (at + length > bytes.length) return;
      texts.push(length === 0 ? '' : bytes.toString('utf8', at, at + length));
      this.#at = at + length;
    }
  }

  #once(word: string): string {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(word, word);
    return word;
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done === true) return false;
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? value : Buffer.concat([rest, value]);
    this.#at = 0;
    return true;
  }

  async #fill(size: number): Promise<void> {
    const parts = [this.#bytes.subarray(this.#at)];
    for (let length = this.#bytes.length - this.#at; length < size; ) {
      const { value, done } = await this.#source.next();
      if (done === true) throw brokenOff('');
      parts.push(value);
      length += value.length;
    }
    this.#bytes = Buffer.concat(parts);
    this.#at = 0;
  }

  /** What stands here in place of a block: why the answer ended. */
  async reason(): Promise<string> {
    while (this.#bytes.length - this.#at < SHOWN && (await this.#more()));
    return this.#bytes.toString('utf8', this.#at, this.#at + SHOWN).trim();
  }
}

const brokenOff = (why: string) => new Error(`the history broke off${why === '' ? '' : `: ${why}`}`);

/**
 * @param width columns of each block, below 128
 * @throws where the stream ends within a block, or something else stands in its place (ClickHouse then says why)
 */
export async function* blocksOf(stream: AsyncIterable<Buffer>, width: number): AsyncGenerator<Block> {
  const bytes = new Bytes(stream);
  for (let next = await bytes.peek(); next !== undefined; next = await bytes.peek()) {
    if (next !== width) throw brokenOff(await bytes.reason());
    await bytes.varint();
    const rows = await bytes.varint();
    const columns: Column[] = [];
    for (let column = 0; column < width; column += 1) {
      const [, type = ''] = await bytes.texts(2);
      if (rows > 0) columns.push(await bytes.column(type, rows));
    }
    if (rows > 0) yield { rows, columns };
  }
}
