/** The corpus and its independent scorer, both read from where they lie: files are scored with the product's own detector. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SERIES, type SeriesConstants, SeriesDetector } from '@plimsoll/detection';
import { type Point, pointsOf } from '../../apps/cli/src/series/points.js';

const DATA = '../shared/data/nab/data';
const SCORER = '../shared/data/nab_score.py';

export interface Series {
  /** Path below the corpus, as the scorer wants it. */
  name: string;
  points: Point[];
}

/** Says what is missing and where to get it, and ends with 2. */
export function needCorpus(): void {
  const missing = [DATA, SCORER].filter((path) => !existsSync(path));
  if (missing.length === 0) return;
  console.error(
    `${missing.join(' and ')} not found. The Numenta Anomaly Benchmark lies at https://github.com/numenta/NAB: put its data and ` +
      'labels folders into ../shared/data/nab, and the scorer beside it as ../shared/data/nab_score.py.',
  );
  process.exit(2);
}

export async function readCorpus(): Promise<Series[]> {
  const names = readdirSync(DATA, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.csv'));
  return Promise.all(names.sort().map(async (name) => ({ name, points: await all(pointsOf(join(DATA, name))) })));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export type Profile = 'standard' | 'reward_low_FP_rate' | 'reward_low_FN_rate';
export type Scores = Record<Profile, { score: number; score_leave_one_file_out?: number; threshold: number }>;
export type Result = readonly [name: string, csv: string];

/** The results of each series, as files for the scorer. */
export function judged(corpus: readonly Series[], constants: SeriesConstants = SERIES): Result[] {
  return corpus.map(({ name, points }) => {
    const detector = new SeriesDetector(undefined, constants);
    const lines = points.map(({ ts, value, text }) => `${text.timestamp},${text.value},${detector.judge(ts, value).score}\n`);
    return [name, `timestamp,value,anomaly_score\n${lines.join('')}`] as const;
  });
}

/** Runs the scorer over results; with fewer series than the corpus has, it scores those. */
export function scored(results: readonly Result[], ...options: string[]): Scores {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-nab-'));
  try {
    for (const [name, csv] of results) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), csv);
    }
    const { status, stdout, stderr, error } = spawnSync('python3', [SCORER, folder, '--json', ...options], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the scorer (python3 ${SCORER}) failed: ${error?.message ?? stderr}`);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
