import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeriesDetector } from '@plimsoll/detection';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../main.js';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-score-series-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs the command in this process; what it prints is kept from the terminal. */
async function score(path: string) {
  const text = { out: '', err: '' };
  const keep = (stream: 'out' | 'err') => (chunk: string | Uint8Array) => {
    text[stream] += chunk;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('err'));
  await main(['score-series', path]);
  const { exitCode } = process;
  vi.restoreAllMocks();
  return { ...text, exitCode };
}

const START = Date.UTC(2026, 0, 5);
const values = Array.from({ length: 1000 }, (_, index) => (index === 900 ? 90 : 10 + (index % 7)));
const rows = values.map((value, index) => `${new Date(START + index * 60_000).toISOString()},${value}`);

describe('plimsoll score-series', () => {
  it("prints each point with the library's own score, and marks the spike", async () => {
    const path = join(folder, 'spike.csv');
    writeFileSync(path, ['timestamp,value', ...rows].join('\n'));
    const { out, err, exitCode } = await score(path);
    const [header, ...lines] = out.trimEnd().split('\n');
    const detector = new SeriesDetector();
    const expected = values.map((value, index) => detector.judge(START + index * 60_000, value).score.toFixed(6));
    expect(header).toBe('timestamp,value,anomaly_score');
    expect(lines).toEqual(rows.map((row, index) => `${row},${expected[index]}`));
    expect(lines.flatMap((line, index) => (Number(line.split(',')[2]) >= 0.5 ? [index] : []))).toEqual([900]);
    expect([err, exitCode]).toEqual(['', undefined]);
  });

  it('ends with one sentence at a line that it cannot read, and for a file that is not there', async () => {
    const path = join(folder, 'broken.csv');
    writeFileSync(path, `timestamp,value\n${rows[0]}\n${rows[1]}x\n`);
    const broken = await score(path);
    expect(broken.err).toBe(`${path}, line 3: the value "11x" is no finite number.\n`);
    expect(broken.exitCode).toBe(1);
    const absent = await score(join(folder, 'absent.csv'));
    expect(absent.err).toContain('there is no such file');
    expect(absent.exitCode).toBe(1);
  });
});

describe('through a shell', () => {
  it('ends well when nobody reads on', () => {
    const path = join(folder, 'long.csv');
    writeFileSync(path, ['timestamp,value', ...Array.from({ length: 100 }, () => rows).flat()].join('\n'));
    const program = join(import.meta.dirname, '../../bin/plimsoll.mjs');
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `set -o pipefail; node "${program}" score-series "${path}" | head -2; echo "$?"`],
      {
        encoding: 'utf8',
      },
    );
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(-2)).toEqual(['0', '']);
  });
});
