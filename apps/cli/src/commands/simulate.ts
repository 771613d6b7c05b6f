/** `plimsoll simulate`: attacks the demo on this machine, so that one can watch what Plimsoll does about it. */
import { type Command, InvalidArgumentError, Option } from 'commander';

import { type AttackName, attackNames, attacks } from '../simulate/attacks.js';
import { drive, loopbackUrl } from '../simulate/drive.js';
import { closing, secondLine } from '../simulate/report.js';
import { defaultData, readRun } from '../up/data-folder.js';

interface SimulateOptions {
  attack: AttackName;
  user: string;
  seconds: number;
  rate?: number;
  url?: string;
  address?: string;
  data: string;
}

const between = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (!(value >= least && value <= most)) throw new InvalidArgumentError(`A number from ${least} to ${most}.`);
  return value;
};

function demoUser(text: string): string {
  if (!/^user-(0[1-9]|[1-3]\d|40)$/.test(text)) throw new InvalidArgumentError('The demo has user-01 to user-40.');
  return text;
}

export function register(program: Command): void {
  program
    .command('simulate')
    .description('attack the demo on this machine, to watch what Plimsoll does about it')
    .addOption(new Option('--attack <kind>', 'what to do').choices(attackNames).makeOptionMandatory())
    .option('--user <name>', 'whose token or password: user-01 to user-40', demoUser, 'user-07')
    .option('--seconds <n>', 'how long', between(1, 3600), 30)
    .option('--rate <n>', 'requests a second (default: by the attack)', between(0.1, 1000))
    .option('--url <url>', 'the demo (default: the running one)')
    .option('--address <ip>', 'address that the attack comes from, as the demo sees it (default: one for each attack)')
    .option('--data <dir>', 'data folder of the running installation', defaultData)
    .action(simulate);
}

async function simulate(options: SimulateOptions): Promise<void> {
  const url = loopbackUrl(options.url ?? (await readRun(options.data))?.urls.demo ?? 'http://localhost:7072');
  const attack = attacks[options.attack];
  const rate = options.rate ?? attack.rate;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  console.log(
    `${options.attack} against ${url.origin}: ${attack.says(options.user)}, ${rate} times a second for ${options.seconds} s.`,
  );
  const plan = {
    url,
    address: options.address ?? attack.address,
    rate,
    seconds: options.seconds,
    request: (n: number) => attack.request(n, options.user),
  };
  const course = await drive(plan, stop.signal, (second, counts) => console.log(secondLine(second, counts)));
  console.log(closing(course));
  if (course.statuses.size === 0) {
    console.error(`Nobody answered at ${url.origin}: start the demo with npm start.`);
    process.exitCode = 1;
  }
}
