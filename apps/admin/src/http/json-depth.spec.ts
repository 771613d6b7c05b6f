import { describe, expect, it } from 'vitest';
import { isTooDeep } from './json-depth.js';

const nested = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`;

describe('the depth of a JSON text', () => {
  it.each([
    ['as deep as may be', nested(3), false],
    ['one level more', nested(4), true],
    ['objects and lists alike', '{"a":[{"b":[1]}]}', true],
    ['many beside each other', '[[1],[2],[3],[{}]]', false],
    ['brackets in a text', '["[[[[{{{{"]', false],
    ['a text that ends behind an escaped quote', '["\\"[[[["]', false],
    ['a text that ends with a backslash', '["\\\\",[[[1]]]]', true],
    ['no JSON at all', ']]]]', false],
    ['never closed', '[[[[', true],
    ['empty', '', false],
  ])('%s', (_, text, deep) => {
    expect(isTooDeep(text, 3)).toBe(deep);
  });
});
