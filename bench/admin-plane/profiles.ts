/**
 * Two profiles of Chromium against a product that runs (test/e2e/attacker.spec.ts), several times over: copied cookies, a copied access token,
 * a whole copied profile with its key, opened after its original or before it.
 */
import { type Figure, figure } from '../report.js';
import { verdictsOf } from './verdicts.js';

const SPEC = 'test/e2e/attacker.spec.ts';
const [TEXT, PROFILE] = ['T10: another browser', 'a copied profile, key and all'];

export function profiles(rounds: number): Figure[] {
  const tried = Array.from({ length: rounds }, () => verdictsOf('product', SPEC)).flat();
  const failed = (group: string) =>
    tried.filter(({ ancestorTitles, status }) => ancestorTitles.includes(group) && status !== 'passed').length;
  const count = tried.filter(({ ancestorTitles }) => [TEXT, PROFILE].some((group) => ancestorTitles.includes(group))).length;
  return [
    figure('thefts between two profiles of Chromium', count, 'thefts', 4 * rounds, 'higher'),
    figure('copied cookies or a copied access token that got an answer, or whose use was not told', failed(TEXT), 'thefts', 0),
    figure('copied profiles that went on beside their original, or were not told to both', failed(PROFILE), 'thefts', 0),
  ];
}
