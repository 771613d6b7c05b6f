/** `plimsoll ship`: log files through the real ingestion API, resumable. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanText, serviceId } from '@plimsoll/contracts';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Fault } from '../fault.js';
import { Progress } from '../progress.js';
import { addFormatOptions, type FormatOptions, formatChoice } from '../readers/format-options.js';
import { requireReadable } from '../readers/readable.js';
import { sizeOf } from '../replay/input.js';
import { eventTime, isHistorical } from '../ship/event-time.js';
import { Sender } from '../ship/sender.js';
import { Shipment, type ShippedFile, surveyed } from '../ship/shipment.js';
import { ShipState } from '../ship/state.js';
import { findTarget, type Target } from '../ship/target.js';
import { defaultData } from '../up/data-folder.js';

interface ShipOptions extends FormatOptions {
  service: string;
  time: 'keep' | 'now';
  speed?: number;
  spread?: 'hour';
  rate?: number;
  url?: string;
  key?: string;
  data: string;
  again: boolean;
}

const above0 = (text: string) => {
  const value = Number(text);
  if (!(value > 0 && value <= 1e9)) throw new InvalidArgumentError('A number above 0.');
  return value;
};

function parseService(text: string): string {
  const checked = serviceId.safeParse(text);
  if (!checked.success) throw new InvalidArgumentError(`A service's name has ${checked.error.issues[0]?.message}.`);
  return checked.data;
}

export function register(program: Command): void {
  const command = program
    .command('ship')
    .description('send log files through the ingestion API; run again, it goes on where it stopped')
    .argument('<file...>', 'log files, plain or gzipped, merged by time')
    .requiredOption('--service <name>', 'the service that the logs are of; made where there is none', parseService);
  addFormatOptions(command)
    .addOption(
      new Option('--time <rule>', "keep the logs' time, or shift it so that they end now")
        .choices(['keep', 'now'])
        .default('keep'),
    )
    .option('--speed <n>', 'with --time now: play the files from now on, n times as fast as they were', above0)
    .addOption(new Option('--spread <span>', 'for files that have lost their minutes: spread each hour evenly').choices(['hour']))
    .option('--rate <n>', 'at most n logs a second', above0)
    .addOption(new Option('--url <url>', 'ingestion server (default: the running one)').env('PLIMSOLL_URL'))
    .addOption(
      new Option('--key <key>', 'ingest key of the service (default: one of its own on the running one)').env('PLIMSOLL_KEY'),
    )
    .option('--data <dir>', 'data folder: of the running installation, and for what was sent so far', defaultData)
    .option('--again', 'from the first line, whatever was sent before', false)
    .action(ship);
}

async function ship(paths: string[], options: ShipOptions): Promise<void> {
  if (paths.includes('-'))
    throw new Fault('Only files can be shipped, since shipping goes on where it stopped: save the input to a file.');
  if (options.speed !== undefined && options.time !== 'now') throw new Fault('--speed needs --time now.');
  const format = formatChoice(options);
  const bytes = await sizeOf(paths);
  await requireReadable(paths, format);
  const target = await findTarget({ ...options, url: options.url, key: options.key });
  const files = await Promise.all(
    paths.map(async (path, index): Promise<ShippedFile> => {
      const file = { path, index, format };
      const state = await ShipState.open(options.data, path, { service: options.service, url: target.url }, options.again);
      return surveyed(file, state);
    }),
  );
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const shipment = await run(files, { options, target, bytes, signal: stop.signal });
  if (stop.signal.aborted) {
    process.stderr.write('Stopped. Run the same command again: it goes on where it stopped.\n');
    process.exitCode = 130;
  }
  if (target.console !== undefined && shipment.accepted > 0) console.log(`See them on ${target.console}.`);
}

async function run(
  files: ShippedFile[],
  { options, target, bytes, signal }: { options: ShipOptions; target: Target; bytes: number; signal: AbortSignal },
): Promise<Shipment> {
  const span = spanOf(files);
  const rule = eventTime({ time: options.time, speed: options.speed }, span, Date.now());
  const historical = isHistorical(rule, span.last, Date.now());
  const progress = new Progress(bytes);
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  let done = 0;
  const counts = () => `${shipment.accepted} accepted, ${shipment.refused} refused`;
  const sender = new Sender({
    url: target.url,
    key: target.key,
    historical,
    signal,
    pause: (ms, why) => {
      progress.draw(done, () => `${counts()}; waiting ${Math.ceil(ms / 1000)} s: ${cleanText(why)}`);
      progress.once(`Waiting: ${cleanText(why)}.`);
      return pause(ms);
    },
  });
  const shipment: Shipment = new Shipment(files, {
    sender,
    rule,
    spread: options.spread === 'hour',
    rate: options.rate,
    signal,
    pause,
    onBytes: (more) => {
      done += more;
    },
    onBatch: () => progress.draw(done, counts),
  });
  try {
    await shipment.run();
  } finally {
    progress.clear();
    report(shipment, files, { service: options.service, historical });
  }
  return shipment;
}

function spanOf(files: ShippedFile[]): { first: number; last: number } {
  const firsts = files.flatMap(({ found }) => found.first ?? []);
  const lasts = files.flatMap(({ found }) => found.last ?? []);
  return {
    first: firsts.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER),
    last: lasts.reduce((a, b) => Math.max(a, b), 0),
  };
}

function report(
  { accepted, refused, examples, tally }: Shipment,
  files: ShippedFile[],
  what: { service: string; historical: boolean },
): void {
  const before = files.reduce((sum, { found }) => sum + [...found.passed.values()].reduce((a, b) => a + b, 0), 0);
  if (tally.lines === 0 && before > 0) {
    console.log(`Nothing new: ${before} logs were sent before. With --again they are sent once more, and still counted once.`);
    return;
  }
  const history = what.historical ? ', as history: their time is kept and nothing is enforced' : '';
  console.log(
    `${what.service}: ${accepted} accepted, ${refused} refused, ${tally.unparsed} unparsed of ${tally.lines} lines${history}.`,
  );
  if (before > 0) console.log(`${before} logs were sent before.`);
  for (const example of examples) process.stderr.write(`  refused: ${cleanText(example)}\n`);
  for (const remark of tally.remarks()) process.stderr.write(`${remark}\n`);
}
