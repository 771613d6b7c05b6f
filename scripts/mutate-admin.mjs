// `npm run mutate:admin [-- WORD...]`: takes each defence of the admin plane out by one edit of the source, in a copy of the
// tree, and runs the test that is said to hold it: the test must fail. First all of those tests run on the copy as it is, and must
// pass: a test that fails anyway shows nothing. test/security/mutations.json is the list; each WORD picks by name or file. Specs run from
// the sources, so that nothing is built. Exit code 1 where a defence could go unnoticed. `npm run bench:admin -- --part=defences`
// runs it whole and keeps the figure.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createServer } from 'vite';

const words = process.argv.slice(2);
const started = Date.now();
const list = JSON.parse(readFileSync('test/security/mutations.json', 'utf8')).filter(
  ({ defence, file, survivable }) =>
    survivable === undefined && (words.length === 0 || words.some((word) => `${defence} ${file}`.includes(word))),
);
const copy = mkdtempSync(join(tmpdir(), 'plimsoll-mutations-'));
const left = /(^|\/)(\.git|\.nx|\.plimsoll|results|pictures)(\/|$)/;
for (const part of ['apps', 'libs', 'test', 'scripts', 'docs', 'package.json', 'vitest.config.ts', 'tsconfig.base.json'])
  cpSync(part, join(copy, part), { recursive: true, verbatimSymlinks: true, filter: (path) => !left.test(path) });
// Packages of the workspace are links in node_modules, relative ones: in the copy they lead to its own sources.
mkdirSync(join(copy, 'node_modules/@plimsoll'), { recursive: true });
for (const name of readdirSync('node_modules'))
  if (name !== '@plimsoll') symlinkSync(resolve('node_modules', name), join(copy, 'node_modules', name));
for (const name of readdirSync('node_modules/@plimsoll'))
  symlinkSync(readlinkSync(`node_modules/@plimsoll/${name}`), join(copy, 'node_modules/@plimsoll', name));

// One set of stores for all runs, started by what starts them for the tests.
const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false },
});
const { default: startStores } = await vite.ssrLoadModule('/test/setup/stores.ts');
const stores = {};
const stopStores = await startStores({ provide: (name, value) => Object.assign(stores, { [name]: value }) });
const env = { ...process.env, NO_COLOR: '1', PLIMSOLL_TEST_STORES: JSON.stringify(stores) };

/** @param names groups and tests of the specs; none: all of them. */
function passes(specs, names = []) {
  const only = names.length > 0 ? ['-t', names.join('|')] : [];
  const args = [resolve('node_modules/vitest/vitest.mjs'), 'run', '--project', 'servers', '--bail', '1', ...only, ...specs];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env });
  // A name that no test has would make a run of nothing pass.
  return { passed: status === 0, ran: /Tests .*\b[1-9]\d* (?:passed|failed)/.test(stdout), stdout };
}

async function end(status) {
  await Promise.all([stopStores(), vite.close()]);
  rmSync(copy, { recursive: true, force: true });
  process.exit(status);
}

const whole = passes([...new Set(list.map(({ spec }) => spec))]);
if (!whole.passed || !whole.ran) {
  console.error(whole.stdout.slice(-4_000));
  console.error('These tests fail with every defence in its place: nothing would be shown by taking one out.');
  await end(2);
}
console.log(`unmutated ${new Set(list.map(({ spec }) => spec)).size} specs pass`);

const survivors = [];
for (const { defence, file, before, after, spec, test } of list) {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(before).length !== 2) {
    survivors.push(`${defence}: ${file} does not hold its text once`);
    continue;
  }
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
  const { passed, ran } = passes([spec], test === undefined ? [] : [test]);
  writeFileSync(path, text);
  const caught = !passed && ran;
  console.log(`${caught ? 'caught  ' : ran ? 'SURVIVED' : 'NOT RUN '} ${defence} (${spec})`);
  if (!caught)
    survivors.push(`${defence}: ${spec} ${ran ? 'passes without it' : 'runs no test of that name, or does not start'}`);
}
for (const survivor of survivors) console.error(survivor);
console.log(`${list.length - survivors.length} of ${list.length} caught in ${Math.round((Date.now() - started) / 1000)} s`);
await end(survivors.length > 0 ? 1 : 0);
