import { describe, expect, it } from 'vitest';
import { heldCount } from './held.js';

const list = (...ids: string[]) => ids.map((id) => ({ id }));

describe('what waits above', () => {
  it('is what came on top of the rows that are read', () => {
    expect(heldCount(list('n', 'm', 'a', 'b'), ['a', 'b'])).toBe(2);
    expect(heldCount(list('a', 'b'), ['a', 'b'])).toBe(0);
  });
  it('is counted from the next row where the first one is gone', () => {
    expect(heldCount(list('n', 'b', 'c'), ['a', 'b', 'c'])).toBe(1);
  });
  it('is nothing before somebody reads, and where the whole list is another one', () => {
    expect(heldCount(list('n'), [])).toBe(0);
    expect(heldCount(list('n', 'm'), ['a'])).toBe(0);
  });
});
