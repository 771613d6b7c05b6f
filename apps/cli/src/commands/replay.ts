/** `plimsoll replay`: the worker's detection over files, on event time, without any server. */
import { type Command, Option } from 'commander';
import { Progress } from '../progress.js';
import { addFormatOptions, type FormatOptions, formatChoice } from '../readers/format-options.js';
import { nothingReadable } from '../readers/readable.js';
import { Tally } from '../readers/tally.js';
import { sizeOf } from '../replay/input.js';
import { runReplay } from '../replay/run.js';
import { readSettings } from '../replay/settings-file.js';
import { Summary } from '../replay/summary.js';

interface ReplayOptions extends FormatOptions {
  service?: string;
  settings?: string;
  spread?: 'hour';
  summary: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('replay')
    .description('run the detection over log files, on their own time, and print the alerts as JSON, one a line')
    .argument('<file...>', 'log files, plain or gzipped, merged by time; - is standard input')
    .option('--service <name>', "name of the service (default: the logs' own)")
    .option('--settings <file>', 'settings of the service as JSON, any part: {"sensitivity": 2, "kinds": {"drift": "off"}}');
  addFormatOptions(command)
    .addOption(new Option('--spread <span>', 'for files that have lost their minutes: spread each hour evenly').choices(['hour']))
    .option('--summary', 'print a table for people instead', false)
    .action(replay);
}

async function replay(paths: string[], options: ReplayOptions): Promise<void> {
  process.stdout.on('error', endQuietly);
  const settings = await readSettings(options.settings);
  const progress = new Progress(await sizeOf(paths));
  const tally = new Tally();
  const summary = new Summary();
  let bytes = 0;
  await runReplay(paths, {
    service: options.service,
    settings,
    format: formatChoice(options),
    spread: options.spread === 'hour',
    tally,
    onLine: options.summary ? (line) => summary.take(line) : (line) => print(JSON.stringify(line)),
    onBytes: (more) => {
      bytes += more;
    },
    onStep: ({ logs }) => {
      progress.draw(bytes, () => `${logs} logs`);
      return written();
    },
  });
  progress.clear();
  const fault = nothingReadable(tally);
  if (fault) throw fault;
  if (options.summary) print(`${summary.text()}${tally.logs} logs from ${tally.lines} lines.`);
  for (const remark of tally.remarks()) process.stderr.write(`${remark}\n`);
}

/** `plimsoll replay ... | head`: whoever read the output has gone, which is no fault. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Waits until a slow reader of standard output has caught up, so that what is printed is not kept in memory. */
async function written(): Promise<void> {
  if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
