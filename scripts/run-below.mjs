// Runs a command and tells what it left behind: processes that were once below it, and folders of ours. Servers of tests stand
// in sessions of their own, some with environments of their own, so that no group names them. What does: their descent, looked
// at twice a second while it can be seen, and on Linux the run's temporary folder in their command or environment.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOf } from '../apps/cli/bin/processes.mjs';

const LOOK_EVERY_MS = 500;
/** The watchdog of a killed product takes up to 10 s to end what it watches. */
const PATIENCE_MS = 12_000;

/** Each running process with its parent, as pairs of numbers. */
function processes() {
  if (process.platform === 'linux') {
    return readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
      } catch {
        return []; // It has ended since.
      }
    });
  }
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
}

const textOf = (pid, name) => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};

const commandOf = (pid) =>
  process.platform === 'linux'
    ? textOf(pid, 'cmdline').slice(0, 200)
    : spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();

/** Adds whatever names the folder, although it was never seen below the run. */
function lookFor(folder, seen) {
  if (process.platform !== 'linux') return;
  for (const [pid] of processes()) {
    const started = (textOf(pid, 'cmdline') + textOf(pid, 'environ')).includes(folder) ? startOf(pid) : undefined;
    if (started !== undefined) seen.set(pid, started);
  }
}

/** Adds to `seen` (process id to start time) whatever is below `top` or below one seen before. */
function look(top, seen) {
  const isOurs = (pid) => pid === top || (seen.has(pid) && startOf(pid) === seen.get(pid));
  const rest = processes().filter(([pid]) => !seen.has(pid));
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of rest) {
      const started = !seen.has(pid) && isOurs(parent) ? startOf(pid) : undefined;
      if (started === undefined) continue;
      seen.set(pid, started);
      grown = true;
    }
  }
}

const alive = (seen) => [...seen].filter(([pid, started]) => startOf(pid) === started).map(([pid]) => pid);

/**
 * Runs Node with `args`, its temporary files in a folder of its own. Gives the exit code and a sentence for each thing left
 * behind; what was left is ended and removed.
 */
export async function runBelow(args, { cwd, env = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-run-'));
  chmodSync(folder, 0o711); // PostgreSQL, which is not root, must reach its data below.
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env, TMPDIR: folder, PLIMSOLL_FALLBACK: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // Told to end, this process ends the run and then looks after what is left. Ctrl-C reaches the run by itself.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const seen = new Map();
  const looking = setInterval(() => look(child.pid, seen), LOOK_EVERY_MS);
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
  clearInterval(looking);
  lookFor(folder, seen);
  const until = Date.now() + PATIENCE_MS;
  while (alive(seen).length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
  const left = alive(seen).map((pid) => `a process was left behind: ${pid} ${commandOf(pid)}`);
  for (const pid of alive(seen)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
  const folders = readdirSync(folder).filter((name) => /^plimsoll-/.test(name));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return { status, left: [...left, ...folders.map((name) => `a folder was left behind: ${name}`)] };
}
