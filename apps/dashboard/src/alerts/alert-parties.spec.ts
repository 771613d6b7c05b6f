import { describe, expect, it } from 'vitest';
import { worthShowing } from './alert-parties.js';

const subject = { type: 'actor', id: 'ann' } as const;

describe('the parties of an alert', () => {
  it.each([
    [[], 0, false],
    [['ann'], 1, false],
    [['bob'], 1, true],
    [['ann', 'bob'], 2, true],
    [['ann'], 40, true],
  ])('%j of %d are shown: %s', (items, total, shown) => expect(worthShowing({ items, total }, subject)).toBe(shown));
});
