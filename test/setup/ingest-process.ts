/** The ingest process as `plimsoll up` starts it, from the built files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const main = resolve('apps/ingest/dist/main.js');

export interface IngestProcess {
  child: ChildProcess;
  /** Everything it has printed. */
  output(): string;
}

export function spawnIngest(env: NodeJS.ProcessEnv): IngestProcess {
  const child = spawn(process.execPath, [main], {
    env: { ...env, PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

/** The process once it listens, with its ready message. @throws with what it printed where it ends before. */
export async function readyIngest(env: NodeJS.ProcessEnv): Promise<IngestProcess & { message: unknown }> {
  const started = spawnIngest(env);
  const ended = once(started.child, 'close').then(([code]) => {
    throw new Error(`ended with ${code}: ${started.output()}`);
  });
  const [message] = await Promise.race([once(started.child, 'message'), ended]);
  ended.catch(() => {});
  return { ...started, message };
}
