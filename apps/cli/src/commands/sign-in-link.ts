/** `plimsoll sign-in-link`: one more single-use link into the running product, printed alone so that it can be piped. */
import { countPasskeys, openDatabase } from '@plimsoll/storage';
import type { Command } from 'commander';
import { whereabouts } from '../stores/whereabouts.js';
import { defaultData } from '../up/data-folder.js';
import { firstPerson, signInUrl } from '../up/first-records.js';

interface SignInLinkOptions {
  data: string;
}

async function printLink({ data }: SignInLinkOptions): Promise<void> {
  const { databaseUrl, adminUrl } = await whereabouts(data);
  const database = openDatabase(databaseUrl, { max: 1 });
  try {
    const now = Date.now();
    const person = await firstPerson(database.db, now);
    process.stdout.write(`${await signInUrl(database.db, adminUrl, now)}\n`);
    // On the other stream, so that the link can be piped.
    if ((await countPasskeys(database.db, person.id)) > 0) process.stderr.write(`${onlyRecovers(person.name, adminUrl)}\n`);
  } finally {
    await database.close();
  }
}

/** What a link does for somebody who has a passkey. */
const onlyRecovers = (name: string, adminUrl: string): string =>
  `${name} has a passkey: sign in with it at ${adminUrl}. The link is for who has lost it: it makes a new one, ends all sessions, and what is dangerous waits for a day.`;

export function register(program: Command): void {
  program
    .command('sign-in-link')
    .description('print a fresh single-use link to sign in to the console; good for 15 minutes')
    .option('--data <dir>', 'data folder of the running installation', defaultData)
    .action((options: SignInLinkOptions) => printLink(options));
}
