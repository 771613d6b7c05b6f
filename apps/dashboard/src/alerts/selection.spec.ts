import { describe, expect, it } from 'vitest';
import { between, placeOf, step, toggled } from './selection.js';

const ids = ['a', 'b', 'c'];

describe('selection by keyboard', () => {
  it('begins at the first row and stays at the ends', () => {
    expect(step(ids, undefined, 1)).toEqual({ id: 'a', index: 0 });
    expect(step(ids, { id: 'c', index: 2 }, 1)).toEqual({ id: 'c', index: 2 });
    expect(step(ids, { id: 'a', index: 0 }, -1)).toEqual({ id: 'a', index: 0 });
    expect(step([], undefined, 1)).toBeUndefined();
  });
  it('follows its row when new ones come on top', () => {
    const grown = ['x', 'y', ...ids];
    expect(placeOf(grown, { id: 'b', index: 1 })).toBe(3);
    expect(step(grown, { id: 'b', index: 1 }, 1)).toEqual({ id: 'c', index: 4 });
  });
  it('is at the row that took the place of one that is gone', () => {
    const gone = { id: 'b', index: 1 };
    expect(placeOf(['a', 'c'], gone)).toBe(1);
    expect(step(['a', 'c'], gone, 1)).toEqual({ id: 'c', index: 1 });
    expect(step(['a', 'c'], gone, -1)).toEqual({ id: 'a', index: 0 });
    expect(placeOf(['a'], { id: 'c', index: 2 })).toBe(0);
    expect(placeOf([], gone)).toBe(-1);
  });
  it('reaches from one row to another, either way', () => {
    expect(between(ids, 'c', 'a')).toEqual(['a', 'b', 'c']);
    expect(between(ids, 'b', 'b')).toEqual(['b']);
    expect(between(ids, 'a', 'gone')).toEqual([]);
    expect([...toggled(toggled(new Set(['a']), 'b'), 'a')]).toEqual(['b']);
  });
});
