/** `plimsoll replay`: the worker's detection over files, on event time, without any server. */
import { readFile } from 'node:fs/promises';
import { completeLog, type Settings, settingsSchema } from '@plimsoll/contracts';
import { type Command, Option } from 'commander';
import { Fault, textOf } from '../fault.js';
import { Progress } from '../progress.js';
import { type Format, formats } from '../readers/formats.js';
import type { OrderedLog } from '../readers/order.js';
import { Tally } from '../readers/tally.js';
import { AlertLines } from '../replay/alert-lines.js';
import { inputOf, sizeOf } from '../replay/input.js';
import { Replay } from '../replay/replay.js';
import { Summary } from '../replay/summary.js';

interface ReplayOptions {
  service?: string;
  settings?: string;
  format?: Format;
  spread?: 'hour';
  summary: boolean;
}

export function register(program: Command): void {
  program
    .command('replay')
    .description('run the detection over log files, on their own time, and print the alerts as JSON, one a line')
    .argument('<file...>', 'log files, plain or gzipped, merged by time; - is standard input')
    .option('--service <name>', "name of the service (default: the logs' own)")
    .option('--settings <file>', 'settings of the service as JSON: {"baseLimit": 100, "sensitivity": 1.5}')
    .addOption(new Option('--format <name>', 'format of the files (default: by the first line)').choices(Object.keys(formats)))
    .addOption(new Option('--spread <span>', 'for files that have lost their minutes: spread each hour evenly').choices(['hour']))
    .option('--summary', 'print a table for people instead', false)
    .action(replay);
}

async function replay(paths: string[], options: ReplayOptions): Promise<void> {
  const settings = await readSettings(options.settings);
  const progress = new Progress(await sizeOf(paths));
  const tally = new Tally();
  const summary = new Summary();
  const lines = new AlertLines(options.summary ? (line) => summary.take(line) : (line) => print(JSON.stringify(line)));
  const engine = new Replay(settings, (finding) => lines.take(finding));
  let bytes = 0;
  const onBytes = (more: number) => {
    bytes += more;
  };
  for await (const item of inputOf(paths, { format: options.format, spread: options.spread === 'hour', tally, onBytes })) {
    engine.take(options.service ?? item.service ?? 'default', logOf(item));
    if ((tally.logs & 255) === 0) progress.draw(bytes, () => `${tally.logs} logs`);
    if ((tally.logs & 4095) === 0) await written();
  }
  engine.finish();
  lines.flush();
  progress.clear();
  if (options.summary) print(`${summary.text()}${tally.logs} logs from ${tally.lines} lines.`);
  for (const remark of tally.remarks()) process.stderr.write(`${remark}\n`);
  await written();
}

/** An old file is replayed as if it happened now: its logs are live, save those that come too late in it. */
function logOf(item: OrderedLog) {
  return completeLog(item.log, { id: item.id, ts: item.log.ts, timing: item.late ? 'late' : 'live' });
}

async function readSettings(path: string | undefined): Promise<Settings> {
  if (path === undefined) return settingsSchema.parse({});
  try {
    return settingsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new Fault(`The settings in ${path} cannot be used: ${textOf(error)}`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Waits until a slow reader of standard output has caught up, so that what is printed is not kept in memory. */
async function written(): Promise<void> {
  if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
