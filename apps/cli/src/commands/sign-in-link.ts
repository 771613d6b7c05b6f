/** `plimsoll sign-in-link`: one more single-use link into the running product, printed alone so that it can be piped. */
import { openDatabase } from '@plimsoll/storage';
import type { Command } from 'commander';
import { Fault } from '../fault.js';
import { defaultData, readRun } from '../up/data-folder.js';
import { signInUrl } from '../up/first-records.js';

interface SignInLinkOptions {
  data: string;
}

/** Where the records and the console are: the product running on the folder, or what the environment names. */
async function whereabouts(folder: string): Promise<{ databaseUrl: string; adminUrl: string }> {
  const run = await readRun(folder);
  if (run) return { databaseUrl: run.databaseUrl, adminUrl: run.urls.admin };
  const { DATABASE_URL: databaseUrl, PUBLIC_URL: adminUrl } = process.env;
  if (databaseUrl && adminUrl) return { databaseUrl, adminUrl };
  throw new Fault(
    `Plimsoll does not run on ${folder}: start it with npm start, name its data folder with --data, or set DATABASE_URL and PUBLIC_URL.`,
  );
}

async function printLink({ data }: SignInLinkOptions): Promise<void> {
  const { databaseUrl, adminUrl } = await whereabouts(data);
  const database = openDatabase(databaseUrl, { max: 1 });
  try {
    process.stdout.write(`${await signInUrl(database.db, adminUrl, Date.now())}\n`);
  } finally {
    await database.close();
  }
}

export function register(program: Command): void {
  program
    .command('sign-in-link')
    .description('print a fresh single-use link to sign in to the console; good for 15 minutes')
    .option('--data <dir>', 'data folder of the running installation', defaultData)
    .action((options: SignInLinkOptions) => printLink(options));
}
