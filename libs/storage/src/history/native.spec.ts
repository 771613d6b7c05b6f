/** Blocks of columns, however the stream that brings them is cut; what a real server writes is read in history.spec.ts. */
import { describe, expect, it } from 'vitest';
import { type Block, blocksOf } from './native.js';

const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
const text = (value: string): number[] => [...varint(Buffer.byteLength(value)), ...Buffer.from(value)];
const int64 = (value: number): number[] => [...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)];

const texts = (values: string[]) => ['String', values.flatMap(text)] as const;
const floats = (values: number[]) => ['Float64', [...new Uint8Array(Float64Array.from(values).buffer)]] as const;
const counts = (values: number[]) => ['UInt32', [...new Uint8Array(Uint32Array.from(values).buffer)]] as const;
/** @param width of an index, bytes */
const words = (all: string[], indexes: number[], width: 1 | 2 | 4 = 1) => {
  const flags = 0x600 + Math.log2(width);
  const places = indexes.flatMap((index) => Array.from({ length: width }, (_, byte) => (index >>> (8 * byte)) & 255));
  const dictionary = [...int64(1), ...int64(flags), ...int64(all.length), ...all.flatMap(text)];
  return ['LowCardinality(String)', [...dictionary, ...int64(indexes.length), ...places]] as const;
};
const block = (rows: number, columns: (readonly [type: string, values: readonly number[]])[]) =>
  Buffer.from([
    ...varint(columns.length),
    ...varint(rows),
    ...columns.flatMap(([type, values]) => [...text('a name'), ...text(type), ...values]),
  ]);

async function read(bytes: Buffer, width: number, piece = bytes.length): Promise<Block[]> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, n) => bytes.subarray(n * piece, (n + 1) * piece));
  async function* stream() {
    yield* pieces;
  }
  const blocks: Block[] = [];
  for await (const one of blocksOf(stream(), width)) blocks.push(one);
  return blocks;
}

const long = 'ü'.repeat(200);
const bytes = Buffer.concat([
  block(3, [
    texts(['', long, 'a\n"\u0000😀']),
    floats([0, -1.5, 2 ** 53 - 1]),
    counts([0, 599, 2 ** 32 - 1]),
    words(['', 'x'], [1, 0, 1]),
  ]),
  block(0, [texts([]), floats([]), counts([]), ['LowCardinality(String)', []]]),
  block(2, [texts(['b', 'c']), floats([3, 4]), counts([5, 6]), words(['', 'x', long], [2, 1], 2)]),
]);
const expected = [
  [['', long, 'a\n"\u0000😀'], Float64Array.of(0, -1.5, 2 ** 53 - 1), Uint32Array.of(0, 599, 2 ** 32 - 1), ['x', '', 'x']],
  [['b', 'c'], Float64Array.of(3, 4), Uint32Array.of(5, 6), [long, 'x']],
];

describe('blocks of columns', () => {
  it.each([1, 2, 3, 7, 64, 1_000_000])('are the same in pieces of %d bytes', async (piece) => {
    const blocks = await read(bytes, 4, piece);
    expect(blocks.map(({ columns }) => columns)).toEqual(expected);
    expect(blocks.map(({ rows }) => rows)).toEqual([3, 2]);
  });

  it('hold wide dictionaries, and one string for a word of several blocks', async () => {
    const wide = block(2, [words(['', 'of both'], [1, 0], 4)]);
    const [first, second] = await read(Buffer.concat([wide, wide]), 1);
    expect([first?.columns, second?.columns]).toEqual([[['of both', '']], [['of both', '']]]);
  });

  it('are none in an answer without rows', async () => {
    expect(await read(Buffer.alloc(0), 4)).toEqual([]);
  });

  it('say where the stream ends within one, wherever that is', async () => {
    const whole = block(3, [texts(['', long, 'x']), floats([1, 2, 3]), words(['', 'x'], [1, 0, 1])]);
    for (let end = 1; end < whole.length; end += 1)
      await expect(read(whole.subarray(0, end), 3, 50), `cut at ${end}`).rejects.toThrow('the history broke off');
  });

  it('say why ClickHouse broke off, and refuse what they do not know', async () => {
    const fault = Buffer.concat([bytes, Buffer.from('Code: 241. DB::Exception: Memory limit exceeded\n')]);
    await expect(read(fault, 4, 16)).rejects.toThrow('the history broke off: Code: 241. DB::Exception: Memory limit exceeded');
    await expect(read(block(1, [['Int8', [1]]]), 1)).rejects.toThrow('a column of type Int8');
    for (const flags of [0x100, 0x300, 0x700]) {
      const shared = Buffer.from(words(['', 'x'], [1])[1]);
      shared.writeUInt32LE(flags, 8);
      const one = block(1, [['LowCardinality(String)', [...shared]]]);
      await expect(read(one, 1), `flags ${flags}`).rejects.toThrow('words of an unknown form');
    }
    for (const width of [1, 2, 4] as const)
      await expect(read(block(1, [words(['', 'x'], [2], width)]), 1)).rejects.toThrow('a word that is not there');
  });
});
