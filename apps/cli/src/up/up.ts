/**
 * The whole product on one machine: private stores unless told of others, tables, first records, our servers in the order
 * in which they need each other; then one block of text, and the wait for a signal. Stops in the opposite order, within 10 s.
 */
import { join } from 'node:path';
import { type Database, historyStanding, migrate, openDatabase, openHistory } from '@plimsoll/storage';
import { Fault, textOf } from '../fault.js';
import { type AppName, type AppSettings, requireBuilt, startApp } from './apps.js';
import { AttackDesk } from './attack-desk.js';
import { readyBlock } from './block.js';
import { defaultData, lockFolder, openDataFolder, writeRun } from './data-folder.js';
import { demoKey, signInUrl } from './first-records.js';
import { type Ports, portsFrom, requireFree } from './ports.js';
import { readSecrets, writeSecrets } from './secrets.js';
import { Stage } from './stage.js';
import { type HistoryUrls, type Stores, startStores } from './start-stores.js';

export interface UpOptions {
  data: string;
  port: number;
  demo: boolean;
  history: boolean;
  verbose: boolean;
}

/** Milliseconds that each may take to stop; together below 10 s. Demo first: what it holds goes to a living ingest. */
const STOP_ORDER: [name: string, withinMs: number][] = [
  ['demo', 1_500],
  ['ingest', 1_500],
  ['worker', 2_500],
  ['admin', 1_000],
  ['history', 1_500],
  ['redis', 1_500],
  ['postgres', 1_500],
];

/** Runs until a signal; resolves when all has ended. Throws a Fault, with nothing left running, when it cannot start. */
export async function up(options: UpOptions): Promise<void> {
  const begun = Date.now();
  const folder = await openDataFolder(options.data);
  const unlock = await lockFolder(folder);
  const stage = new Stage(join(folder, 'logs'), options.verbose);
  const signalled = stopSignal();
  try {
    const risen = rise(options, folder, stage, begun);
    // A failure after the signal is the stop's own doing.
    risen.catch(() => {});
    await Promise.race([risen, signalled]);
    await signalled;
    stage.say('Stopping ...');
  } finally {
    await stage.strike(STOP_ORDER);
    await unlock();
  }
  stage.say('Stopped.');
}

/** Starts everything and prints the block. */
async function rise(options: UpOptions, folder: string, stage: Stage, begun: number): Promise<void> {
  const ports = portsFrom(options.port);
  const apps: AppName[] = ['ingest', 'worker', 'admin', ...(options.demo ? (['demo'] as const) : [])];
  requireBuilt(apps);
  await requireFree(options.demo ? ports : { admin: ports.admin, ingest: ports.ingest });
  const stores = await startStores(folder, stage, options);
  const database = openDatabase(stores.databaseUrl, { max: 1 });
  try {
    await stage.step('Tables', () => migrated(database.db));
    const settings = await settingsFor(database.db, ports, stores, folder, options.demo);
    stage.onStrike(async () => settings.attacks?.stop());
    const start = (name: AppName) => stage.start(name, (onLine) => startApp(name, settings, onLine));
    await Promise.all(apps.filter((name) => name !== 'demo').map(start));
    if (options.demo) await start('demo');
    const urls = { ...settings.urls, ...(options.demo && { demo: `http://localhost:${ports.demo}` }) };
    const historyUrl = stores.history && { historyUrl: stores.history.reader };
    const run = { urls, databaseUrl: stores.databaseUrl, redisUrl: stores.redisUrl, ...historyUrl };
    stage.onStrike(await writeRun(folder, run));
    const block = readyBlock({
      urls,
      signInUrl: await signInUrl(database.db, urls.admin, Date.now()),
      demoKey: options.demo ? settings.demoKey : undefined,
      folder,
      dataOption: folder === defaultData ? '' : ` --data ${folder}`,
      history: await historyLine(stores.history),
      postgresData: stores.postgresData?.startsWith(folder) ? undefined : stores.postgresData,
      seconds: (Date.now() - begun) / 1000,
    });
    stage.say(block);
  } finally {
    await database.close();
  }
}

/** What the block says of the history: it may come later, and does so by itself. */
async function historyLine(urls: HistoryUrls | undefined): Promise<string> {
  if (urls === undefined) return 'off (--no-history)';
  const history = openHistory(urls.writer, { timeoutMs: 1_000 });
  const { state, reason } = await historyStanding(history);
  await history.close();
  if (state === 'on') return urls.isPrivate ? 'every request is kept' : 'kept where CLICKHOUSE_URL says';
  return state === 'preparing' ? 'is being prepared; this goes on meanwhile' : `${state}: ${reason}`;
}

async function migrated(db: Database): Promise<void> {
  try {
    await migrate(db);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? textOf(error.cause) : textOf(error);
    throw new Fault(
      `The database could not be brought up to date (${cause}): check DATABASE_URL and its rights, and start again.`,
    );
  }
}

async function settingsFor(db: Database, ports: Ports, stores: Stores, folder: string, demo: boolean): Promise<AppSettings> {
  const secrets = await readSecrets(folder);
  const key = demo ? await demoKey(db, secrets, Date.now()) : '';
  if (demo && key !== secrets.demoKey) await writeSecrets(folder, { ...secrets, demoKey: key });
  const urls = { admin: `http://localhost:${ports.admin}`, ingest: `http://localhost:${ports.ingest}` };
  const { masterKey, feedKey } = secrets;
  const { databaseUrl, redisUrl, history } = stores;
  const attacks = demo ? { attacks: new AttackDesk(new URL(`http://localhost:${ports.demo}`), Date.now) } : {};
  return { folder, ports, urls, databaseUrl, redisUrl, history, masterKey, feedKey, demoKey: key, ...attacks };
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. A second one ends this process at once; the watchdog ends the rest. */
function stopSignal(): Promise<'signal'> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) {
        process.stderr.write('Forced: what still runs is being ended.\n');
        process.exit(130);
      }
      asked = true;
      resolve('signal');
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}
