/**
 * Our own servers as children: which file, which environment. Each gets only the secrets that it needs: the demo, which
 * stands for a customer's API, knows neither database nor Redis; the master key goes to admin alone, the feed's to who signs it and
 * who makes API keys that pin it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_SERVICE } from '@plimsoll/contracts';
import { Fault } from '../fault.js';
import { launch } from '../processes/launch.js';
import type { AttackDesk } from './attack-desk.js';
import type { Ports } from './ports.js';
import type { Running } from './supervise.js';

export type AppName = 'ingest' | 'worker' | 'admin' | 'demo';

/** File in the data folder to which signed heads of the audit are added. */
export const AUDIT_CHECKPOINTS = 'audit-checkpoints.ndjson';

export interface AppSettings {
  /** Absolute path of the data folder. */
  folder: string;
  ports: Ports;
  urls: { admin: string; ingest: string };
  databaseUrl: string;
  redisUrl: string;
  /** Undefined where no history is kept. */
  history: { writer: string; reader: string } | undefined;
  masterKey: string;
  feedKey: string;
  demoKey: string;
  /** Drives attacks against the demo; absent where there is none. */
  attacks?: AttackDesk;
}

/** Of our own environment, what a child may see. Proxies and clouds' credentials are not among it. */
const passedOn =
  /^(PATH|HOME|USER|TMPDIR|TZ|LANG|LC_\w+|HOST|LOG_LEVEL|SECURITY_CONTACT|TRUSTED_PROXIES|PLIMSOLL_SHARDS|PLIMSOLL_NAMESPACE|PLIMSOLL_HISTORY_BUFFER|PLIMSOLL_HISTORY_DAYS|TRAFFIC|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_ENV)$/;

const pathOf = (inApps: string) => fileURLToPath(new URL(`../../../${inApps}`, import.meta.url));

/** What each child's own schema of its environment asks for. */
export function environmentOf(name: AppName, settings: AppSettings): Record<string, string> {
  const stores = { DATABASE_URL: settings.databaseUrl, REDIS_URL: settings.redisUrl };
  switch (name) {
    case 'ingest':
      return { ...stores, PORT: String(settings.ports.ingest), PLIMSOLL_FEED_KEY: settings.feedKey };
    case 'worker':
      return { ...stores, ...(settings.history && { CLICKHOUSE_URL: settings.history.writer }) };
    case 'admin':
      return {
        ...stores,
        ...(settings.history && { CLICKHOUSE_URL: settings.history.reader }),
        PORT: String(settings.ports.admin),
        PUBLIC_URL: settings.urls.admin,
        INGEST_URL: settings.urls.ingest,
        DASHBOARD_DIR: pathOf('dashboard/dist'),
        PLIMSOLL_MASTER_KEY: settings.masterKey,
        AUDIT_CHECKPOINTS: join(settings.folder, AUDIT_CHECKPOINTS),
        PLIMSOLL_FEED_KEY: settings.feedKey,
        ...(settings.attacks && { DEMO_SERVICE }),
      };
    case 'demo':
      return { PORT: String(settings.ports.demo), PLIMSOLL_URL: settings.urls.ingest, PLIMSOLL_KEY: settings.demoKey };
  }
}

/** Throws a Fault when something is not built yet. */
export function requireBuilt(names: AppName[]): void {
  const files = [...names.map((name) => `${name}/dist/main.js`), 'dashboard/dist/index.html'];
  const missing = files.find((file) => !existsSync(pathOf(file)));
  if (missing) throw new Fault(`apps/${missing} is not built: run npm start, which builds what is missing, or npm run build.`);
}

/** Starts the app and waits until it says that it serves. */
export function startApp(name: AppName, settings: AppSettings, onLine: (line: string) => void): Promise<Running> {
  const inherited = Object.entries(process.env).filter(([key]) => passedOn.test(key));
  return launch({
    name,
    command: process.execPath,
    // Without `__proto__` no text from outside can reach a prototype by that name.
    args: ['--enable-source-maps', '--disable-proto=delete', pathOf(`${name}/dist/main.js`)],
    env: { ...Object.fromEntries(inherited), ...environmentOf(name, settings) },
    ready: 'message',
    stopSignal: 'SIGTERM',
    onLine,
    ...(name === 'admin' && settings.attacks && { onMessage: settings.attacks.take }),
  });
}
