/**
 * Ends the processes that it was told of when the process that told it is gone, however that one went: its standard
 * input is a pipe, and the system closes the other end even after kill -9. It reads lines `watch PID SIGNAL` and
 * `release PID`. It sits in a session of its own, out of reach of Ctrl-C and of a signal to the parent's group.
 * A process is only touched while its start time is the one seen when it was told: a reused number is never hit.
 */
import { createInterface } from 'node:readline';
import { startOf } from './processes.mjs';

/** Time to end well, then SIGQUIT (PostgreSQL's immediate stop), then SIGKILL. */
const QUIT_AFTER_MS = 5_000;
const KILL_AFTER_MS = 8_000;
const STEP_MS = 50;

/** @type {Map<number, {signal: string, started: string}>} */
const watched = new Map();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE']) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [verb, number, signal] = line.split(' ');
  const pid = Number(number);
  if (verb === 'release') watched.delete(pid);
  const started = verb === 'watch' ? startOf(pid) : undefined;
  if (started !== undefined) watched.set(pid, { signal: signal || 'SIGTERM', started });
});
lines.on('close', endAll);

/** @param {string | undefined} force */
function signalAll(force) {
  for (const [pid, { signal, started }] of watched) {
    if (startOf(pid) !== started) {
      watched.delete(pid);
      continue;
    }
    try {
      process.kill(pid, force ?? signal);
    } catch {
      watched.delete(pid);
    }
  }
}

function endAll() {
  const begun = Date.now();
  signalAll(undefined);
  let forced = 0;
  const timer = setInterval(() => {
    for (const [pid, { started }] of watched) if (startOf(pid) !== started) watched.delete(pid);
    const waited = Date.now() - begun;
    if (forced === 0 && waited > QUIT_AFTER_MS) {
      forced = 1;
      signalAll('SIGQUIT');
    } else if (forced === 1 && waited > KILL_AFTER_MS) {
      forced = 2;
      signalAll('SIGKILL');
    }
    if (watched.size === 0 || waited > KILL_AFTER_MS + 2_000) {
      clearInterval(timer);
      process.exit(0);
    }
  }, STEP_MS);
}
