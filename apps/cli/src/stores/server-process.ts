/**
 * A private server as a child process: started in a session of its own (Ctrl-C in the terminal is for `up`, which stops
 * servers in order), watched by the watchdog, ready when it says so in its log, stopped by its own gentle signal and then
 * by force. It hides signals, timeouts and the last lines that explain a failed start.
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
  readyLine: RegExp;
  stopSignal: NodeJS.Signals;
  onLine: (line: string) => void;
}

export interface ServerProcess {
  pid: number;
  /** Resolves when the process is gone, with how: `exit code 1` or `SIGKILL`. Never rejects. */
  exited: Promise<string>;
  /** Ends it within 9 s: gently, by SIGQUIT, by SIGKILL. Safe to call twice and after the end. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const QUIT_AFTER_MS = 5_000;
const KILL_AFTER_MS = 8_000;
const KEPT_LINES = 8;

/** Starts the server and waits until it is ready. Rejects with its last lines when it ends or stays silent before that. */
export async function launch(options: Launch): Promise<ServerProcess> {
  const child = spawn(options.command, options.args, {
    argv0: options.argv0 ?? options.command,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
    env: options.env ?? process.env,
    ...options.owner,
  });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.name} could not be started: ${await exited}`);
  watch(pid, options.stopSignal);
  void exited.then(() => release(pid));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const server = { pid, exited, stop: () => end(child, exited, options.stopSignal) };
  try {
    await ready(child, exited, options);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function ready(child: ChildProcess, exited: Promise<string>, options: Launch): Promise<void> {
  const last: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const said = new Promise<'ready'>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        options.onLine(line);
        last.push(line);
        if (last.length > KEPT_LINES) last.shift();
        if (options.readyLine.test(line)) resolve('ready');
      });
    }
  });
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, READY_WITHIN_MS, `silent for ${READY_WITHIN_MS / 1000} s`);
  });
  const outcome = await Promise.race([said, exited, late]);
  clearTimeout(timer);
  if (outcome === 'ready') return;
  // The last lines may still be on their way through the pipe when the exit is seen.
  await new Promise((resolve) => setTimeout(resolve, 50));
  throw new Error(`${options.name} did not start (${outcome}): ${last.join(' | ').slice(0, 2_000)}`);
}

async function end(child: ChildProcess, exited: Promise<string>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const quit = setTimeout(() => child.kill('SIGQUIT'), QUIT_AFTER_MS);
  const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await exited;
  clearTimeout(quit);
  clearTimeout(kill);
}

/** Ends a server left over from an earlier run, known by process id and start time; a reused id is not touched. */
export async function endLeftover(pid: number, started: string, signal: NodeJS.Signals): Promise<void> {
  const begun = Date.now();
  for (let step = 0; startOf(pid) === started; step += 1) {
    if (step === 0) process.kill(pid, signal);
    else if (Date.now() - begun > KILL_AFTER_MS) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
