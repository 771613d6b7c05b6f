/** Where the records and the console are: the product running on a data folder, or what the environment names. */
import { Fault } from '../fault.js';
import { readRun } from '../up/data-folder.js';

/** @throws Fault where neither is there. */
export async function whereabouts(folder: string): Promise<{ databaseUrl: string; adminUrl: string }> {
  const run = await readRun(folder);
  if (run) return { databaseUrl: run.databaseUrl, adminUrl: run.urls.admin };
  const { DATABASE_URL: databaseUrl, PUBLIC_URL: adminUrl } = process.env;
  if (databaseUrl && adminUrl) return { databaseUrl, adminUrl };
  throw new Fault(
    `Plimsoll does not run on ${folder}: start it with npm start, name its data folder with --data, or set DATABASE_URL and PUBLIC_URL.`,
  );
}
