import { describe, expect, it } from 'vitest';
import { bodyForm, isDeeper, MAX_DEPTH, MAX_ENTRIES, readEntries, Unreadable } from './entries.js';
import { ProblemError } from './problem.js';

const json = (text: string) => readEntries(Buffer.from(text), 'json');
const lines = (text: string) => readEntries(Buffer.from(text), 'ndjson');
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return error instanceof ProblemError ? error.code : 'another error';
  }
  return undefined;
};
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('the media type', () => {
  it.each([
    ['application/json', 'json'],
    ['Application/JSON; charset=utf-8', 'json'],
    ['application/json;charset="UTF-8"', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
  ])('%s is %s', (type, form) => expect(bodyForm(type)).toBe(form));

  it.each([
    undefined,
    '',
    'text/plain',
    'application/json\t',
    'application/json; charset=utf-16',
    'application/json, text/plain',
  ])('%j is refused', (type) => expect(codeOf(() => bodyForm(type))).toBe('unsupported-media-type'));
});

describe('JSON', () => {
  it('gives its requests as they are', () => {
    expect(json('{"requests":[1,null,{"a":[]}],"more":true}')).toEqual([1, null, { a: [] }]);
  });

  it.each([
    '',
    '{',
    '[]',
    '[1]',
    'null',
    '1',
    '"requests"',
    '{}',
    '{"requests":{}}',
    '{"requests":[]}',
    '{"__proto__":{"requests":[1]}}',
  ])('%j is refused', (text) => expect(codeOf(() => json(text))).toBe('invalid-body'));

  it('takes the last of two keys with the same name', () => {
    expect(json('{"requests":[1],"requests":[2]}')).toEqual([2]);
  });

  it('has a bound on its entries', () => {
    const body = (entries: number) => JSON.stringify({ requests: Array.from({ length: entries }, () => 1) });
    expect(json(body(MAX_ENTRIES))).toHaveLength(MAX_ENTRIES);
    expect(codeOf(() => json(body(MAX_ENTRIES + 1)))).toBe('too-large');
  });
});

describe('NDJSON', () => {
  it('is a value a line; empty lines do not count', () => {
    expect(lines('{"a":1}\n\n{"a":2}\r\n\r\n3')).toEqual([{ a: 1 }, { a: 2 }, 3]);
  });

  it('keeps the place of a line that is no JSON', () => {
    const [first, second, third] = lines(`1\n{oops\n${nested(MAX_DEPTH + 1)}`);
    expect(first).toBe(1);
    expect(second).toEqual(new Unreadable('not JSON'));
    expect(third).toEqual(new Unreadable('nested deeper than 20 levels'));
  });

  it('is bounded and not empty', () => {
    expect(codeOf(() => lines('1\n'.repeat(MAX_ENTRIES + 1)))).toBe('too-large');
    expect(codeOf(() => lines('\n\r\n'))).toBe('invalid-body');
  });
});

describe('nesting', () => {
  const deeper = (text: string) => isDeeper(Buffer.from(text), MAX_DEPTH);

  it('is counted to the level', () => {
    expect(deeper(nested(MAX_DEPTH))).toBe(false);
    expect(deeper(nested(MAX_DEPTH + 1))).toBe(true);
    expect(deeper('{"a":'.repeat(MAX_DEPTH + 1))).toBe(true);
    expect(deeper(`[${'[],'.repeat(1000)}[]]`)).toBe(false);
  });

  it('does not count what stands in strings', () => {
    expect(deeper(JSON.stringify([nested(50), '"\\', '\\'.repeat(9), nested(50)]))).toBe(false);
    expect(deeper(`["\\"",${nested(MAX_DEPTH)}]`)).toBe(true);
  });
});
