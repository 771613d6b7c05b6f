/**
 * `plimsoll backtest`: other settings over the last days of history, in this process, and what would come and go. It reads
 * the running product's stores and changes nothing. Exit code 0: it was run; 1: it could not be; 130: interrupted.
 */
import { type PolicyMode, policyModeSchema, settingsSchema } from '@plimsoll/contracts';
import { BacktestFault, runBacktest, schema } from '@plimsoll/storage';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Fault } from '../fault.js';
import { backtestText } from '../history/backtest-text.js';
import { chooseService } from '../history/service-choice.js';
import { addWhereOptions, openStores, type Stores, type WhereOptions } from '../history/whereabouts.js';
import { Progress } from '../progress.js';
import { readPatch } from '../replay/settings-file.js';

interface BacktestOptions extends WhereOptions {
  settings?: string;
  days: number;
  service?: string;
  policy?: PolicyMode;
  warmUpDays: number;
  json: boolean;
}

const DAY_MS = 86_400_000;

export function register(program: Command): void {
  const command = program
    .command('backtest')
    .description('run other settings over the requests that were kept, and show which alerts and decisions would come and go')
    .option('--settings <file>', 'what differs from the service\'s present settings, as JSON: {"sensitivity": 2}')
    .option('--days <n>', 'over the last so many days', days(0.01, 90), 7)
    .option('--service <name>', 'which service; needs not be said where there is one')
    .addOption(
      new Option('--policy <mode>', "how far decisions go, where not the service's present policy").choices(
        policyModeSchema.options,
      ),
    )
    .option('--warm-up-days <n>', 'days before to learn from, where there is no copy of what was learnt', days(0, 30), 7)
    .option('--json', 'the whole result as JSON', false);
  addWhereOptions(command).action(backtest);
}

const days = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`a number of days from ${least} to ${most}.`);
};

async function backtest(options: BacktestOptions): Promise<void> {
  const patch = options.settings === undefined ? {} : await readPatch(options.settings);
  const stores = await openStores(options);
  try {
    const service = await chooseService(stores.db, options.service);
    const to = Date.now();
    const task = {
      service: service.id,
      from: Math.round(to - options.days * DAY_MS),
      to,
      settings: settingsSchema.parse({ ...service.settings, ...patch }),
      policy: options.policy ?? service.policy,
      warmUpDays: options.warmUpDays,
    };
    const progress = new Progress(1);
    const result = await runBacktest({
      ...stores,
      shards: await shardsOf(stores),
      task,
      now: Date.now,
      onProgress: async ({ share, requests }) => {
        progress.draw(share, () => `${requests} requests`);
        return true;
      },
    }).catch((error: unknown) => {
      throw error instanceof BacktestFault ? new Fault(error.message) : error;
    });
    progress.clear();
    if (result) process.stdout.write(`${options.json ? JSON.stringify(result) : backtestText(result)}\n`);
  } finally {
    await stores.close();
  }
}

/** As many as the installation has: alerts do not depend on it, but what was learnt lies by shard. */
const shardsOf = async ({ db }: Stores): Promise<number> => Math.max(1, await db.$count(schema.shard));
