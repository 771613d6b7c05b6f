// `npm run bench [-- NAME... [--OPTION...]]`: builds the benchmarks and runs them one after another; without a name, all of
// them. Options go to the benchmarks.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const run = (command, args) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

const known = readdirSync('bench')
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));
const given = process.argv.slice(2);
const names = given.filter((argument) => !argument.startsWith('--'));
const options = given.filter((argument) => argument.startsWith('--'));
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}
if (!existsSync('node_modules')) run('npm', ['ci']);
run('npm', ['run', 'build', '--silent']);
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'bench']);
for (const name of names.length > 0 ? names : known) run(process.execPath, [`bench/dist/bench/${name}.bench.js`, ...options]);
