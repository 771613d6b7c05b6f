/**
 * The watchdog of this process: one small child, started with the first process to be watched, that ends the watched
 * ones when this process is gone, also by kill -9. It hides the pipe and the lines on it. Neither the child nor its pipe
 * keeps this process alive.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../bin/watchdog.mjs', import.meta.url));
let watchdog: ChildProcess | undefined;
/** What is watched now, to tell a successor should the watchdog itself be killed. */
const watched = new Map<number, NodeJS.Signals>();

function tell(line: string): void {
  if (!watchdog) {
    // `/` as folder: a watchdog must not hold a folder that somebody wants to unmount or remove.
    const child = spawn(process.execPath, ['--max-old-space-size=32', script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      env: {},
    });
    child.unref();
    // A socket underneath; unref is missing from the stream type.
    (child.stdin as unknown as { unref(): void }).unref();
    child.stdin.on('error', () => {});
    child.once('error', () => {});
    child.once('exit', () => {
      if (watchdog !== child) return;
      watchdog = undefined;
      for (const [pid, signal] of watched) tell(`watch ${pid} ${signal}`);
    });
    watchdog = child;
  }
  watchdog.stdin?.write(`${line}\n`);
}

/** From now on `pid` gets `signal` (then SIGQUIT, then SIGKILL) when this process is gone. */
export function watch(pid: number, signal: NodeJS.Signals): void {
  watched.set(pid, signal);
  tell(`watch ${pid} ${signal}`);
}

/** `pid` has ended or is no longer ours; with nothing left to watch the watchdog goes too. */
export function release(pid: number): void {
  if (!watched.delete(pid)) return;
  if (watched.size > 0) tell(`release ${pid}`);
  else {
    const child = watchdog;
    watchdog = undefined;
    child?.stdin?.end(`release ${pid}\n`);
  }
}
