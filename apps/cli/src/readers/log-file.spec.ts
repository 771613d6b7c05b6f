import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Line, linesOf, type Place } from './lines.js';
import { contentId, type FileLog, logsOf } from './log-file.js';
import { inOrder, merged } from './order.js';
import { HourSpread, survey } from './survey.js';
import { Tally } from './tally.js';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-readers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
async function* chunks(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}
const entry = (ts: number, extra = '') => `{"ts":${ts},"method":"GET","path":"/","status":200,"ip":"1.2.3.4"${extra}}`;
const open = (path: string, tally = new Tally(), from?: Place) =>
  logsOf({ path, index: 0, format: undefined }, { tally, ...(from ? { from } : {}) });

describe('lines', () => {
  it('are the same however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'é', '\n', '\r\n', 'xyz')), fc.array(fc.nat(20)), async (parts, cuts) => {
        const text = parts.join('');
        const bytes = Buffer.from(text);
        async function* pieces() {
          let at = 0;
          for (const cut of cuts) {
            yield bytes.subarray(at, at + cut);
            at += cut;
          }
          yield bytes.subarray(at);
        }
        const lines = await all(linesOf(pieces()));
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(lines.map((line) => line.text)).toEqual(expected.map((line) => line.replace(/\r$/, '')));
        expect(lines.map((line) => line.number)).toEqual(expected.map((_, index) => index + 1));
        expect(lines.at(-1)?.end ?? 0).toBe(bytes.length);
      }),
    );
  });
  it('longer than 1 MiB cost no memory and are named', async () => {
    const long = 'x'.repeat(400_000);
    const lines = await all(linesOf(chunks('a\n', long, long, long, '\nb\n', 'c')));
    const brief = ({ text, tooLong, complete }: Line) => [text, tooLong, complete];
    expect(lines.map(brief)).toEqual([
      ['a', false, true],
      ['', true, true],
      ['b', false, true],
      ['c', false, false],
    ]);
  });
});

describe('log files', () => {
  it('count what cannot be read, with examples that are safe to print', async () => {
    const path = write('mixed', `\ufeff${entry(1)}\n\n\u001b[31mrubbish\n${entry(2, ',"colour":1')}\n${'rubbish\n'.repeat(9)}`);
    const tally = new Tally();
    expect(await all(open(path, tally))).toHaveLength(2);
    expect(tally).toMatchObject({ lines: 12, logs: 2, unparsed: 10 });
    expect(tally.examples).toHaveLength(5);
    expect(tally.examples[0]).toMatchObject({ line: 3, reason: 'not a JSON object', text: '\ufffd[31mrubbish' });
    expect(tally.remarks().join('\n')).toContain('colour (1)');
  });
  it('give the same ids from a copy, packed or not, and from any place', async () => {
    const text = [1, 2, 3].map((ts) => entry(ts)).join('\n');
    const whole = await all(open(write('plain', text)));
    const packed = await all(open(write('packed.gz', gzipSync(text))));
    const place = { bytes: whole[0]?.line.end ?? 0, lines: 1 };
    const rest = await all(open(write('copy', text), new Tally(), place));
    const packedRest = await all(open(join(folder, 'packed.gz'), new Tally(), place));
    const ids = whole.map(contentId);
    expect(new Set(ids).size).toBe(3);
    expect(packed.map(contentId)).toEqual(ids);
    expect(rest.map(contentId)).toEqual(ids.slice(1));
    expect(packedRest.map(contentId)).toEqual(ids.slice(1));
  });
  it('report a damaged archive', async () => {
    const bytes = gzipSync(entry(1).repeat(2000));
    await expect(all(open(write('damaged.gz', bytes.subarray(0, bytes.length - 20))))).rejects.toThrow();
  });
});

describe('order', () => {
  const from = async function* (times: number[], file = 0): AsyncGenerator<FileLog> {
    for (const [index, ts] of times.entries()) {
      const line = { text: '', tooLong: false, number: index + 1, end: 0, complete: true };
      yield { log: { ts, id: `${file}-${index}` } as FileLog['log'], service: undefined, file, line, late: false };
    }
  };
  it('puts right what is less than a minute out, counts the rest as late', async () => {
    const tally = new Tally();
    const times = [100_000, 41_000, 160_000, 50_000, 220_001, 99_000];
    const ordered = await all(inOrder(from(times), tally));
    expect(ordered.map(({ log, late }) => [log.ts, late])).toEqual([
      [41_000, false],
      [100_000, false],
      [50_000, true],
      [160_000, false],
      [99_000, true],
      [220_001, false],
    ]);
    expect(tally.late).toBe(2);
  });
  it('keeps every log, sorted but for the late ones, at any cap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(300_000)), fc.integer({ min: 1, max: 20 }), async (times, cap) => {
        const ordered = await all(inOrder(from(times), new Tally(), cap));
        expect(ordered.map(contentId).sort()).toEqual(times.map((_, index) => `0-${index}`).sort());
        const onTime = ordered.filter(({ late }) => !late).map(({ log }) => log.ts);
        expect(onTime).toEqual([...onTime].sort((a, b) => a - b));
      }),
    );
  });
  it('merges files by time', async () => {
    const streams = [from([1, 4, 6], 0), from([], 1), from([2, 4, 5], 2)];
    const ids = (await all(merged(streams))).map(contentId);
    expect(ids).toEqual(['0-0', '2-0', '0-1', '2-1', '2-2', '0-2']);
  });
});

describe('the spread of an hour', () => {
  it('sets the k-th of n to (k - 1/2)/n of its hour, whatever its minutes were', async () => {
    const hour = 3_600_000;
    const path = write('hours', [7, 3, 5, hour + 1].map((ts) => entry(10 * hour + ts)).join('\n'));
    const found = await survey({ path, index: 0, format: 'ndjson' });
    expect(found).toMatchObject({ logs: 4, first: 10 * hour + 3, last: 11 * hour + 1 });
    const spread = new HourSpread(found);
    const times = (await all(open(path))).map(({ log }) => spread.next(log.ts) - 10 * hour);
    expect(times).toEqual([hour / 6, hour / 2, (5 * hour) / 6, 1.5 * hour]);
    const goingOn = new HourSpread(await survey({ path, index: 0, format: 'ndjson' }, 2));
    expect(goingOn.next(10 * hour) - 10 * hour).toBe((5 * hour) / 6);
  });
});
