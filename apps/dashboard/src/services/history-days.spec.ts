import { describe, expect, it } from 'vitest';
import { faultOfDays, forgetsSooner, keptText, readDays } from './history-days.js';

describe('days that are typed', () => {
  it.each([
    ['', null],
    ['  ', null],
    ['1', 1],
    [' 3650 ', 3650],
  ])('%o are %o', (typed, days) => {
    expect(readDays(typed)).toBe(days);
    expect(faultOfDays(readDays(typed))).toBeUndefined();
  });

  it.each(['0', '-3', '1.5', '3651', 'a week'])('%o are none', (typed) => {
    expect(faultOfDays(readDays(typed))).toMatch(/whole number from 1 to 3,650/);
  });
});

it.each([
  [30, 29, true],
  [30, 31, false],
  [30, 30, false],
  [null, null, false],
  // Whether that is shorter depends on the installation.
  [null, 90, true],
  [90, null, true],
])('from %o to %o days, something kept could be deleted: %o', (before, days, deletes) => {
  expect(forgetsSooner(before, days)).toBe(deletes);
});

it('says for how long', () => {
  expect([null, 1, 400].map(keptText)).toEqual([
    'Requests are kept for as long as the installation says.',
    'Requests are kept for one day after their receipt.',
    'Requests are kept for 400 days after their receipt.',
  ]);
});
