/** Bends the platform policies one place at a time (test/access/mutants.ts) and tells how many of the bent ones no test noticed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, figure } from '../report.js';

const SPEC = 'apps/admin/src/access/platform-policies.spec.ts';
/** The group of tests, one a mutant, and the one among them that only counts. */
const GROUP = 'a fault in a platform policy is noticed';
const COUNTING = 'of each policy there are several';

interface Told {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
}

export function policies(): Figure[] {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-policies-'));
  try {
    const outputFile = join(dir, 'told.json');
    const args = ['run', '--project', 'servers', SPEC, '--reporter=json', `--outputFile=${outputFile}`];
    spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8')) as Told;
    const bent = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ ancestorTitles, title }) => ancestorTitles.includes(GROUP) && title !== COUNTING);
    const survivors = bent.filter(({ status }) => status !== 'passed');
    for (const { title } of survivors) console.log(`survived: ${title}`);
    return [
      figure(
        'mutants of the platform policies (clause dropped, operator flipped, scope widened)',
        bent.length,
        'mutants',
        80,
        'higher',
      ),
      figure('of these, those that no test noticed', survivors.length, 'mutants', 0),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
