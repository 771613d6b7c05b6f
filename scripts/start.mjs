// `npm start`: brings a fresh checkout to a running product. Plain JavaScript on Node's own modules, because nothing is
// installed when it begins; what is there already is not done again. The rest of the way is `plimsoll up`, in this process.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild, ensureNode, ensurePackages, ensurePostgresLibraries, root } from './setup.mjs';

const HELP = `Usage: npm start -- [options]

Installs what is missing, builds what has changed, and starts the whole product on this machine until Ctrl-C.

Options:
  --no-demo     without the demo shop and its traffic
  --no-history  without the history of all requests
  --port N      port of the console (default 7070); ingestion takes the next, the demo the one after
  --data DIR    data folder (default .plimsoll in this checkout)
  --verbose     show the servers' logs as well
  --help        this text

REDIS_URL, DATABASE_URL and CLICKHOUSE_URL replace the private Redis, PostgreSQL and ClickHouse.`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(HELP);
  process.exit(0);
}
ensureNode();
if (!existsSync(join(root, 'node_modules'))) console.log('First start: this takes a minute or two.');
ensurePackages();
ensurePostgresLibraries();
ensureBuild();
console.log('Starting Plimsoll');
// --data is relative to where the person stands, not to the checkout into which npm changes.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv.splice(2, process.argv.length, 'up', ...args);
await import(pathToFileURL(join(root, 'apps', 'cli', 'bin', 'plimsoll.mjs')).href);
