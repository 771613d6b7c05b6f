/** Runs one spec by itself and tells what became of each of its tests. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Verdict {
  ancestorTitles: string[];
  title: string;
  status: string;
}

/** @param project of vitest.config.ts */
export function verdictsOf(project: string, spec: string): Verdict[] {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-verdicts-'));
  try {
    const outputFile = join(dir, 'verdicts.json');
    const args = ['run', '--project', project, spec, '--reporter=json', `--outputFile=${outputFile}`];
    spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8')) as { testResults: { assertionResults: Verdict[] }[] };
    return testResults.flatMap(({ assertionResults }) => assertionResults);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
