/** `plimsoll score-series`: the detector of endpoints' series over a CSV file, point by point, without any server. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SeriesDetector } from '@plimsoll/detection';
import type { Command } from 'commander';
import { sizeOf } from '../replay/input.js';
import { pointsOf } from '../series/points.js';

export function register(program: Command): void {
  program
    .command('score-series')
    .description('judge a series with the detector of endpoints and print timestamp,value,anomaly_score (0..1)')
    .argument('<file>', 'CSV with a header that names timestamp and value, plain or gzipped; - is standard input')
    .action(scoreSeries);
}

async function scoreSeries(path: string): Promise<void> {
  await sizeOf([path]);
  try {
    await pipeline(Readable.from(scored(path)), process.stdout, { end: false });
  } catch (error) {
    // `plimsoll score-series ... | head`: whoever read the output has gone, which is no fault.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** Six decimals tell scores apart; an onset stays at one half or more when it is rounded. */
const DECIMALS = 6;

async function* scored(path: string): AsyncGenerator<string> {
  const detector = new SeriesDetector();
  yield 'timestamp,value,anomaly_score\n';
  for await (const { ts, value, text } of pointsOf(path)) {
    const { score } = detector.judge(ts, value);
    yield `${text.timestamp},${text.value},${score.toFixed(DECIMALS)}\n`;
  }
}
