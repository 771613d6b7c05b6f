// `npm run mutate:admin [-- WORD]`: takes each defence of the admin plane out by one edit of the source, in a copy of the tree, and
// runs the test that is said to hold it: the test must fail. test/security/mutations.json is the list; WORD picks by name or file.
// Specs run from the sources, so that nothing is built. Exit code 1 where a defence could go without a test noticing.
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

const [word = ''] = process.argv.slice(2);
const list = JSON.parse(readFileSync('test/security/mutations.json', 'utf8')).filter(
  ({ defence, file, survivable }) => survivable === undefined && `${defence} ${file}`.includes(word),
);
const copy = mkdtempSync(join(tmpdir(), 'plimsoll-mutations-'));
const left = /(^|\/)(\.git|\.nx|\.plimsoll|results|pictures)(\/|$)/;
for (const part of ['apps', 'libs', 'test', 'scripts', 'package.json', 'vitest.config.ts', 'tsconfig.base.json'])
  cpSync(part, join(copy, part), { recursive: true, verbatimSymlinks: true, filter: (path) => !left.test(path) });
// Packages of the workspace are links in node_modules, relative ones: in the copy they lead to its own sources.
mkdirSync(join(copy, 'node_modules/@plimsoll'), { recursive: true });
for (const name of readdirSync('node_modules'))
  if (name !== '@plimsoll') symlinkSync(resolve('node_modules', name), join(copy, 'node_modules', name));
for (const name of readdirSync('node_modules/@plimsoll'))
  symlinkSync(readlinkSync(`node_modules/@plimsoll/${name}`), join(copy, 'node_modules/@plimsoll', name));

const survivors = [];
for (const { defence, file, before, after, spec } of list) {
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
  const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'servers', '--bail', '1', spec], {
    cwd: copy,
    encoding: 'utf8',
  });
  writeFileSync(path, text);
  console.log(`${status === 0 ? 'SURVIVED' : 'caught  '} ${defence} (${spec})`);
  if (status === 0) survivors.push(`${defence}: ${spec} passes without it`);
}
rmSync(copy, { recursive: true, force: true });
for (const survivor of survivors) console.error(survivor);
console.log(`${list.length - survivors.length} of ${list.length} caught`);
process.exit(survivors.length > 0 ? 1 : 0);
