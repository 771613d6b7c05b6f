/** The table of OWASP ASVS 5.0, for the test that holds it and for the benchmark that counts it. */
import { readFileSync } from 'node:fs';
import { rowsOf } from './tables.js';

/** The requirements of OWASP ASVS 5.0.0 that attacks on this product touch. */
export const REQUIREMENTS = `
1.1.1 1.2.1 1.2.2 1.2.4 1.2.9 1.2.10 1.3.3 1.3.6 1.3.12 1.5.3 2.1.3 2.2.3 2.3.1 2.3.2 2.3.3 2.3.5 2.4.1 3.2.2 3.3.2 3.4.2
3.4.3 3.4.4 3.4.6 3.4.8 3.5.1 3.5.2 3.5.3 4.1.3 4.1.5 4.2.1 4.2.2 4.4.2 4.4.3 4.4.4 6.1.1 6.3.1 6.3.2 6.3.3 6.3.8 6.4.1 6.4.3
6.5.6 6.7.2 7.2.2 7.2.4 7.4.1 7.4.2 7.4.5 7.5.1 7.5.3 8.2.1 8.2.2 8.2.3 8.2.4 8.3.1 8.3.2 8.4.1 9.1.1 9.1.2 9.1.3 9.2.1 9.2.2
9.2.3 10.3.1 10.3.4 10.3.5 10.4.5 10.4.14 11.2.4 13.1.2 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.4.2 13.4.4 13.4.5 13.4.6 14.1.1
14.2.1 14.2.6 14.3.2 15.1.2 15.2.1 15.2.2 15.2.3 15.2.4 15.2.5 15.3.1 15.3.2 15.3.3 15.3.4 15.3.5 15.3.6 15.3.7 15.4.2 15.4.4
16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.5.1 16.5.2 16.5.3 16.5.4`
  .trim()
  .split(/\s+/);

/** Number, what it asks for, state, and by what or why. */
export const asvsRows = (): string[][] =>
  rowsOf(readFileSync('docs/asvs.md', 'utf8')).filter(([number = '']) => /^\d/.test(number));
