/** The admin process: reads the environment, opens the stores, listens, and stops in order when told to. */
import { pino } from 'pino';
import 'reflect-metadata';
import { createApp } from './app.js';
import { type Env, EnvFault, readEnv } from './env.js';
import { openStores } from './stores.js';
import { SelfWatch } from './watch/self-watch.js';

const STOP_MS = 9_000;
const EXIT_BAD_ENVIRONMENT = 78;

function environment(): Env {
  try {
    return readEnv(process.env);
  } catch (fault) {
    if (!(fault instanceof EnvFault)) throw fault;
    process.stderr.write(fault.faults.map((line) => `${line}\n`).join(''));
    process.exit(EXIT_BAD_ENVIRONMENT);
  }
}

const env = environment();
const log = pino({ name: 'admin', level: env.LOG_LEVEL });

/** Whatever escaped every handler, also of the start: the state is unknown, so that a fresh process is the safe one. */
function die(err: unknown): never {
  log.fatal({ err }, 'ended by a fault');
  process.exit(1);
}
process.on('uncaughtException', die);
process.on('unhandledRejection', die);

const { close: closeStores, ...stores } = openStores(env);
const parent = process.send && {
  send: (message: object) => void process.send?.(message),
  on: (event: 'message', listener: (message: unknown) => void) => void process.on(event, listener),
  off: (event: 'message', listener: (message: unknown) => void) => void process.off(event, listener),
};
const context = { env, ...stores, now: Date.now, log, ...(parent && { parent }) };
const watch = new SelfWatch(context);
const app = await createApp({ ...context, watch }).catch(die);

let stopping = false;
async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ reason }, 'stopping');
  setTimeout(() => process.exit(0), STOP_MS).unref();
  await app.close();
  await watch.close();
  await closeStores();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
// Started by `plimsoll up`: without the parent nobody would ever stop us.
if (process.send) process.on('disconnect', () => void stop('parent gone'));

await watch.open();
await app.listen(env.PORT, env.HOST).catch(die);
log.info({ url: env.PUBLIC_URL.origin, port: env.PORT }, 'listening');
process.send?.({ type: 'ready' });
