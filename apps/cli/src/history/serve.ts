/**
 * The process behind `plimsoll history-server`: it listens at once, then fetches the engine where it is missing and opens
 * it. So everybody knows its address from the beginning, nobody waits for it, and it can say itself why it is not there.
 */
import { once } from 'node:events';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { textOf } from '../fault.js';
import { type Engine, openEngine } from './engine.js';
import { fetchEngine } from './fetch-engine.js';
import { type EngineState, type Passwords, serveHistory } from './http.js';

export interface ServeOptions extends Passwords {
  port: number;
  /** Folder of the history's own; the data lies below it. */
  dir: string;
  /** Where engines are kept. */
  engines: string;
}

const MIB = 1024 * 1024;
/** A quarter of the machine's (or container's) memory, 512 MiB to 2 GiB. */
export function memoryCap(): number {
  const machine = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
  return Math.round(Math.min(2048 * MIB, Math.max(512 * MIB, machine / 4)));
}

/** What `up` looks for in this process's output. */
export const SAYS = 'says: ';
const say = (sentence: string) => process.stdout.write(`${SAYS}${sentence}\n`);
const STOP_MS = 1_200;

/** Serves until a signal. Rejects where the port cannot be had. */
export async function serve({ port, dir, engines, ...passwords }: ServeOptions): Promise<void> {
  let state: EngineState = { preparing: 'The engine is being prepared' };
  const server = serveHistory(() => state, passwords);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  process.send?.({ type: 'ready' });
  const stopped = stopSignal();
  const opened = prepare(dir, engines, (next) => {
    state = next;
  });
  await stopped;
  server.close();
  server.closeIdleConnections();
  const patience = setTimeout(() => process.exit(0), STOP_MS);
  await once(server, 'close');
  clearTimeout(patience);
  (await Promise.race([opened, undefined]))?.close();
  process.exit(0);
}

async function prepare(dir: string, engines: string, become: (state: EngineState) => void): Promise<Engine | undefined> {
  const fetched = await fetchEngine(engines, (sentence) => {
    become({ preparing: sentence });
    say(sentence);
  });
  try {
    if ('missing' in fetched) throw new Error(fetched.missing);
    const engine = openEngine(fetched.library, join(dir, 'data'), memoryCap());
    become(engine);
    say('every request is kept from now on');
    return engine;
  } catch (error) {
    const why = textOf(error);
    become({ off: why });
    say(`off: no request is kept. ${why}.`);
    return undefined;
  }
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, () => resolve());
  });
}
