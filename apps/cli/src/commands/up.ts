/** `plimsoll up`: the whole product on this machine, until Ctrl-C. */
import { type Command, InvalidArgumentError } from 'commander';
import { defaultData } from '../up/data-folder.js';
import { type UpOptions, up } from '../up/up.js';

function firstPort(text: string): number {
  const port = Number(text);
  // Ingestion and the demo take the two after it.
  if (!/^\d+$/.test(text) || port < 1 || port > 65_533) throw new InvalidArgumentError('A port from 1 to 65533.');
  return port;
}

/** Once the sentence and the exit code are out. A child that could not be stopped must not hold this process: the watchdog has it. */
const leave = () => void setImmediate(() => process.exit());

export function register(program: Command): void {
  program
    .command('up')
    .description('start the whole product on this machine: stores, servers, console, and a demo shop with traffic')
    .option('--no-demo', 'without the demo shop')
    .option('--no-history', 'without the history of all requests')
    .option('--port <n>', 'port of the console; ingestion takes the next, the demo the one after', firstPort, 7070)
    .option('--data <dir>', 'data folder', defaultData)
    .option('--verbose', "show the servers' logs as well", false)
    .addHelpText('after', '\nREDIS_URL, DATABASE_URL and CLICKHOUSE_URL replace the private Redis, PostgreSQL and ClickHouse.')
    .action((options: UpOptions) => up(options).finally(leave));
}
