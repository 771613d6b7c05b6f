// `npm test`: sets up what is needed, then builds, lints, checks types and runs every test, the real browser included.
// The last line is `N passed, N failed`; each step before the tests counts as one. Arguments go to vitest as filters.
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runBelow } from './run-below.mjs';
import { ensureBuild, ensureNode, ensurePackages, ensurePostgresLibraries, fail, root, run } from './setup.mjs';

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const macBrowsers = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const hasBrowser = () => {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => browsers.map((name) => join(folder, name)));
  return [process.env.PLIMSOLL_BROWSER ?? '', ...onPath, ...macBrowsers].filter(Boolean).some(executable);
};

/** The system's browser; on Debian, as root, its package is installed where there is none. */
function ensureBrowser() {
  if (hasBrowser()) return;
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (mayInstall) {
    run('Reading package lists', 'apt-get', ['update', '-q'], { env });
    run('Installing Chromium', 'apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env });
  }
  if (!hasBrowser())
    fail(
      'The tests drive a real browser: install Chromium, Chrome or Edge, or name one in PLIMSOLL_BROWSER, and run the command again.',
    );
}

/** Runs vitest and gives [passed, failed]; a run that ends without a report has failed, and so has one that leaves something behind. */
async function runTests(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-report-'));
  const report = join(folder, 'report.json');
  try {
    const args = [
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${report}`,
      ...filters,
    ];
    const { status, left } = await runBelow(args, { cwd: root });
    for (const sentence of left) console.error(sentence);
    if (!existsSync(report)) return [0, 1];
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    const failed = Math.max(numFailedTests, numFailedTestSuites > 0 && numFailedTests === 0 ? numFailedTestSuites : 0);
    return [numPassedTests, Math.max(failed, status === 0 ? 0 : 1) + left.length];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const started = Date.now();
ensureNode();
ensurePackages();
ensurePostgresLibraries();
ensureBrowser();
ensureBuild();
const tool = (name, ...path) => join('node_modules', name, ...path);
const steps = [
  run('Lint and format', process.execPath, [tool('@biomejs/biome', 'bin', 'biome'), 'check', '.']),
  run('Types of tests', process.execPath, [tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.spec.json']),
  run('Types of the dashboard', process.execPath, [tool('typescript', 'bin', 'tsc'), '-p', 'apps/dashboard/tsconfig.spec.json']),
  run('Types of benchmarks', process.execPath, [tool('typescript', 'bin', 'tsc'), '-p', 'bench', '--noEmit']),
];
const [passedTests, failedTests] = await runTests(process.argv.slice(2));
const failed = failedTests + steps.filter((ok) => !ok).length;
// The build counts as one: without it nothing would have come this far.
const passed = passedTests + steps.filter(Boolean).length + 1;
console.log(`\nAll of it took ${((Date.now() - started) / 1000).toFixed(0)} s.`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
