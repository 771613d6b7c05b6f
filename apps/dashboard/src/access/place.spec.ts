import { expect, it } from 'vitest';
import { placeOf } from './place.js';

it.each([
  ['abc', 0, 'line 1, column 1'],
  ['abc', 3, 'line 1, column 4'],
  ['a\nbc', 2, 'line 2, column 1'],
  ['a\n\nbc', 4, 'line 3, column 2'],
  ['', 0, 'line 1, column 1'],
])('in %j offset %d is %s', (text, offset, place) => {
  expect(placeOf(text, offset)).toBe(place);
});
