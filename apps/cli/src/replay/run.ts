/** A whole replay: input, model and alert lines put together. */
import { completeLog, type Settings } from '@plimsoll/contracts';
import { Replay } from '@plimsoll/detection';
import type { Tally } from '../readers/tally.js';
import { type AlertLine, AlertLines } from './alert-lines.js';
import { type InputOptions, inputOf } from './input.js';

export interface ReplayOptions extends InputOptions {
  /** Name for all logs; else each keeps the service that it names. */
  service: string | undefined;
  settings: Settings;
  onLine: (line: AlertLine) => void;
  /** Awaited every few thousand logs: the time to let a slow reader catch up. */
  onStep?: (tally: Tally) => Promise<void>;
}

const STEP = 4096;

/** An old file is replayed as if it happened now: its logs are live, save those that come too late in it. */
export async function runReplay(paths: readonly string[], options: ReplayOptions): Promise<void> {
  const lines = new AlertLines(options.onLine);
  const replay = new Replay(options.settings, (finding) => lines.take(finding));
  let taken = 0;
  for await (const { log, service, file, line, late } of inputOf(paths, options)) {
    const timing = late ? 'late' : 'live';
    replay.take(
      options.service ?? service ?? 'default',
      completeLog(log, { id: log.id ?? `${file}-${line.number}`, ts: log.ts, timing }),
    );
    taken += 1;
    if (taken % STEP === 0) await options.onStep?.(options.tally);
  }
  replay.finish();
  lines.flush();
}
