/** Bends the platform policies one place at a time (test/access/mutants.ts) and tells how many of the bent ones no test noticed. */
import { type Figure, figure } from '../report.js';
import { verdictsOf } from './verdicts.js';

const SPEC = 'apps/admin/src/access/platform-policies.spec.ts';
/** The group of tests, one a mutant, and the one among them that only counts. */
const GROUP = 'a fault in a platform policy is noticed';
const COUNTING = 'of each policy there are several';

export function policies(): Figure[] {
  const bent = verdictsOf('servers', SPEC).filter(
    ({ ancestorTitles, title }) => ancestorTitles.includes(GROUP) && title !== COUNTING,
  );
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
}
