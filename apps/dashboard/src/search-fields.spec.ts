import { describe, expect, it } from 'vitest';
import { namesOf, oneOf, onlyTrue, ownId, searchOf, textUpTo, time, truth } from './search-fields.js';

describe('fields of the address', () => {
  it('are read where they are as they must be, and left out where not', () => {
    const read = searchOf({ text: textUpTo(3), id: ownId, at: time, on: truth, mine: onlyTrue, state: oneOf(['a', 'b']) });
    expect(read({ text: 42, id: 'per_1', at: '9', on: false, mine: true, state: 'b', more: 1 })).toEqual({
      text: '42',
      id: 'per_1',
      at: 9,
      on: false,
      mine: true,
      state: 'b',
    });
    expect(read({ text: 'abcd', id: 'a b', at: '1.5', on: 'yes', mine: false, state: 'c' })).toEqual({});
    expect(read({ text: {}, id: 7, at: '', on: 1, mine: 'true', state: ['a'] })).toEqual({});
  });
  it('are times that a calendar has', () => {
    expect([0, 8_640_000_000_000_000, -1, 8_640_000_000_000_001, Number.NaN, ' ', null].map(time)).toEqual([
      0,
      8_640_000_000_000_000,
      ...Array(5).fill(undefined),
    ]);
  });
  it('are lists of known names', () => {
    expect(['b,x,a', ['b', 1], 'x', undefined, 7].map(namesOf(['a', 'b']))).toEqual(['a,b', 'b', '', undefined, '']);
  });
});
