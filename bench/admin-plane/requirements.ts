/** Counts the table of OWASP ASVS 5.0 (docs/asvs.md); that each named test is there is a test of its own (test/security-docs.spec.ts). */
import { asvsRows, REQUIREMENTS } from '../../test/house/asvs.js';
import { type Figure, figure } from '../report.js';

export function requirements(): Figure[] {
  const rows = asvsRows();
  const inState = (wanted: string) => rows.filter(([, , state]) => state === wanted).length;
  const silent = REQUIREMENTS.filter((number) => !rows.some(([row]) => row === number));
  const all = REQUIREMENTS.length;
  // How many are met has no bar: what is not met says why. That none is left out has one.
  return [
    figure('requirements of ASVS 5.0 without a row in docs/asvs.md', silent.length, 'requirements', 0),
    figure('requirements of ASVS 5.0 met, each by a named test', inState('met'), 'requirements', 0, 'higher'),
    figure('requirements of ASVS 5.0 not applicable, each with why', inState('not applicable'), 'requirements', all),
    figure('requirements of ASVS 5.0 not met, each with why', inState('not met'), 'requirements', all),
  ];
}
