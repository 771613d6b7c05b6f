/** The ingest process: reads the environment, starts the door, and stops in order when told to or when its parent is gone. */

import { startIngest } from './app.js';
import { readEnv } from './env.js';
import { openLog } from './log.js';

const STOP_MS = 9_000;
const EXIT_BAD_ENVIRONMENT = 78;

const found = readEnv(process.env);
if ('faults' in found) {
  process.stderr.write(found.faults.map((fault) => `${fault}\n`).join(''));
  process.exit(EXIT_BAD_ENVIRONMENT);
}
const log = openLog(found.env.LOG_LEVEL);

/** Whatever escaped every handler: the state is unknown, so that a fresh process is the safe one. */
function die(err: unknown): never {
  log.fatal({ err }, 'ended by a fault');
  process.exit(1);
}
process.on('uncaughtException', die);
process.on('unhandledRejection', die);

const ingest = await startIngest(found.env, { log }).catch(die);

let stopping = false;
async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ reason }, 'stopping');
  setTimeout(() => process.exit(0), STOP_MS).unref();
  await ingest.stop();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
if (process.send) process.on('disconnect', () => void stop('parent gone'));

log.info({ url: ingest.url }, 'listening');
process.send?.({ type: 'ready' });
