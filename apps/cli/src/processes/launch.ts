/**
 * A child process that serves: started in a session of its own (Ctrl-C in the terminal is for `up`, which stops its
 * children in order), watched by the watchdog, ready when it says so, stopped by its own gentle signal and then by force.
 * It hides signals, timeouts and the last lines that explain a failed start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { startOf } from '../../bin/processes.mjs';
import { release, watch } from './guard.js';

export interface Launch {
  name: string;
  command: string;
  args: string[];
  /** Name that the program sees as its own; Debian keeps redis-server's binary under another one. */
  argv0?: string;
  env?: NodeJS.ProcessEnv;
  owner?: { uid: number; gid: number };
  /** Text for standard input, which is then closed. */
  input?: string;
  /** What tells that it serves: a line of its output, or the message `{type: 'ready'}` over Node's own channel. */
  ready: RegExp | 'message';
  stopSignal: NodeJS.Signals;
  onLine: (line: string) => void;
  /** Hears what the process says over Node's own channel beside that it is ready; `answer` does nothing once it is gone. */
  onMessage?: (message: unknown, answer: (message: object) => void) => void;
  /** Told the process id before the process can do anything lasting. */
  onSpawned?: (pid: number) => void;
}

export interface Launched {
  pid: number;
  /** Resolves when the process is gone, with how and its last word of error: `exit code 1 (no memory)`. Never rejects. */
  exited: Promise<string>;
  /** Ends it within the time, 9 s if not said: gently, then by SIGQUIT, then by SIGKILL. Safe to call twice. */
  stop(withinMs?: number): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 9_000;
const KEPT_LINES = 8;
const MAX_REASON = 300;

/** The last lines of a process, kept to explain its end. */
class LastWords {
  private readonly lines: string[] = [];
  private error = '';

  add(line: string, isError: boolean): void {
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
    // Lines of a stack say where, not what; PostgreSQL's plain log comes on the same stream.
    if (isError && line.trim() !== '' && !/^\s+at |^Node\.js v|^\s*[{}^]|\b(LOG|DETAIL|HINT): /.test(line))
      this.error = line.trim();
  }

  after(how: string): string {
    return this.error === '' ? how : `${how} (${this.error.slice(0, MAX_REASON)})`;
  }

  /** Where no line of error explains the end, what was said last may. */
  unexplained(): string {
    const said = this.lines.filter((line) => line.trim() !== '').join(' | ');
    return this.error !== '' || said === '' ? '' : `, last said: ${said.slice(0, 1_000)}`;
  }
}

/** Starts the process and waits until it is ready. Rejects with its last lines when it ends or stays silent before that. */
export async function launch(options: Launch): Promise<Launched> {
  const words = new LastWords();
  const child = spawn(options.command, options.args, {
    argv0: options.argv0 ?? options.command,
    stdio: ['pipe', 'pipe', 'pipe', ...(options.ready === 'message' ? (['ipc'] as const) : [])],
    detached: true,
    cwd: '/',
    env: options.env ?? process.env,
    ...options.owner,
  });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // `close` comes after the last output, but not while a grandchild holds the pipe: `exit` with a little patience.
    child.once('exit', (code, signal) => {
      const tell = () => resolve(words.after(signal ?? `exit code ${code}`));
      child.once('close', tell);
      setTimeout(tell, 100).unref();
    });
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.name} could not be started: ${await exited}`);
  watch(pid, options.stopSignal);
  options.onSpawned?.(pid);
  child.once('exit', () => release(pid));
  listen(child, options.onMessage);
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input ?? '');
  const launched = { pid, exited, stop: (withinMs = STOP_WITHIN_MS) => end(child, exited, options.stopSignal, withinMs) };
  try {
    await becomeReady(child, exited, options, words);
  } catch (error) {
    await launched.stop();
    throw error;
  }
  return launched;
}

function listen(child: ChildProcess, onMessage: Launch['onMessage']): void {
  if (onMessage === undefined) return;
  const answer = (message: object) => void (child.connected && child.send(message, () => {}));
  child.on('message', (message: unknown) => onMessage(message, answer));
}

async function becomeReady(child: ChildProcess, exited: Promise<string>, options: Launch, words: LastWords): Promise<void> {
  const { ready } = options;
  let timer: NodeJS.Timeout | undefined;
  const said = new Promise<'ready'>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        options.onLine(line);
        words.add(line, stream === child.stderr);
        if (ready !== 'message' && ready.test(line)) resolve('ready');
      });
    }
    child.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') resolve('ready');
    });
  });
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, READY_WITHIN_MS, `not ready after ${READY_WITHIN_MS / 1000} s`);
  });
  const outcome = await Promise.race([said, exited, late]);
  clearTimeout(timer);
  if (outcome !== 'ready') throw new Error(`${options.name} did not start: ${outcome}${words.unexplained()}`);
}

async function end(child: ChildProcess, exited: Promise<string>, signal: NodeJS.Signals, withinMs: number): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && withinMs > 0) child.kill(signal);
  const quit = setTimeout(() => child.kill('SIGQUIT'), withinMs * 0.6);
  const kill = setTimeout(() => child.kill('SIGKILL'), withinMs * 0.9);
  await exited;
  clearTimeout(quit);
  clearTimeout(kill);
}

/** Ends a process left over from an earlier run, known by process id and start time; a reused id is not touched. */
export async function endLeftover(pid: number, started: string, signal: NodeJS.Signals): Promise<void> {
  const begun = Date.now();
  for (let step = 0; startOf(pid) === started; step += 1) {
    if (step === 0) process.kill(pid, signal);
    else if (Date.now() - begun > STOP_WITHIN_MS) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
