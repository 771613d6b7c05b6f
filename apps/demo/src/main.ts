/** The demo's process: environment, start, word to the parent when it is ready, orderly end. */
import { startDemo } from './demo.js';
import { readEnv } from './env.js';

const read = readEnv(process.env);
if ('faults' in read) {
  for (const fault of read.faults) console.error(fault);
  process.exit(78);
}

const demo = await startDemo(read.env).catch((error: NodeJS.ErrnoException) => {
  console.error(`The demo cannot listen on port ${read.env.PORT}: ${error.message}`);
  process.exit(1);
});
console.log(JSON.stringify({ level: 'info', message: 'demo listens', url: demo.url, traffic: read.env.TRAFFIC }));
process.send?.({ type: 'ready', url: demo.url });

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await demo.stop();
  process.exit(0);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
/** The parent is gone: a demo that nobody supervises must not stay behind. */
process.once('disconnect', stop);
