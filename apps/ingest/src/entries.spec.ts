import { describe, expect, it } from 'vitest';
import { bodyForm, isDeeper, MAX_DEPTH, MAX_ENTRIES, readEntries, Unreadable } from './entries.js';
import { ProblemError } from './problem.js';

const share = { hold: () => undefined };
const json = (text: string) => readEntries(Buffer.from(text), 'json', share);
const lines = (text: string) => readEntries(Buffer.from(text), 'ndjson', share);
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
    ['application/vnd.plimsoll.columns+json', 'columns'],
  ])('%s is %s', (type, form) => expect(bodyForm(type)).toBe(form));

  it.each([
    undefined,
    '',
    'text/plain',
    'application/json\t',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/vndXplimsollXcolumns+json',
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

describe('columns', () => {
  const whole = {
    count: 3,
    from: 1_790_000_000_000,
    values: ['GET', '/a', '192.0.2.7', 'user-1', true],
    columns: {
      ts: [0, 5, -2],
      duration: [1_234, 0, 7],
      status: [200, 404, 200],
      bytesIn: 0,
      bytesOut: 9,
      method: 0,
      path: 1,
      ip: 2,
      actor: [3, -1, 3],
      authenticated: [4, -1, 4],
      future: { any: 'thing' },
    },
  };
  const columns = (value: unknown, held = share) => readEntries(Buffer.from(JSON.stringify(value)), 'columns', held);
  const withColumn = (name: string, column: unknown) => ({ ...whole, columns: { ...whole.columns, [name]: column } });

  it('give the logs one by one', () => {
    const common = { method: 'GET', path: '/a', ip: '192.0.2.7', bytesIn: 0, bytesOut: 9 };
    const known = { ...common, status: 200, actor: 'user-1', authenticated: true };
    expect(columns(whole)).toEqual([
      { ...known, ts: 1_790_000_000_000, durationMs: 12.34 },
      { ...common, ts: 1_790_000_000_005, durationMs: 0, status: 404 },
      { ...known, ts: 1_790_000_000_003, durationMs: 0.07 },
    ]);
  });

  it('are told of as the memory that they grow to', () => {
    const held: number[] = [];
    columns({ ...whole, count: 1_000, columns: { ts: 0, path: 0 }, values: ['x'.repeat(500)] }, {
      hold: (bytes: number) => void held.push(bytes),
    } as typeof share);
    expect(held[0]).toBeGreaterThan(500_000);
  });

  it.each([
    ['no object', []],
    ['no count', { ...whole, count: undefined }],
    ['half a log', { ...whole, count: 2.5 }],
    ['no logs', { ...whole, count: 0 }],
    ['fewer than there are', { ...whole, count: 2 }],
    ['a time that is none', { ...whole, from: 'now' }],
    ['values that are no scalars', { ...whole, values: [{}, '/a', 'x', 'y', true] }],
    ['values that are no list', { ...whole, values: 'GET' }],
    ['no columns', { ...whole, columns: null }],
    ['a place outside', withColumn('path', 5)],
    ['a place outside, below', withColumn('path', [0, 0, -2])],
    ['half a place', withColumn('path', [0, 0.5, 0])],
    ['a place that is a name', withColumn('path', 'length')],
    ['a number that is none', withColumn('status', [200, '200', 200])],
    ['a short column', withColumn('status', [200, 200])],
    ['a long column', withColumn('status', [200, 200, 200, 200])],
    ['a nested column', withColumn('actor', [[3], -1, 3])],
  ])('with %s are refused', (_what, value) => expect(codeOf(() => columns(value))).toBe('invalid-body'));

  it('are refused where they are no JSON, or nested', () => {
    expect(codeOf(() => readEntries(Buffer.from('{"count":'), 'columns', share))).toBe('invalid-body');
    expect(codeOf(() => readEntries(Buffer.from(nested(MAX_DEPTH + 1)), 'columns', share))).toBe('invalid-body');
  });

  it('have a bound on their logs, and on the texts of all of them', () => {
    const many = (count: number, text: string) => ({ ...whole, count, values: [text], columns: { ts: 0, path: 0, route: 0 } });
    expect(columns(many(MAX_ENTRIES, '/'))).toHaveLength(MAX_ENTRIES);
    expect(codeOf(() => columns(many(MAX_ENTRIES + 1, '/')))).toBe('too-large');
    // 20,000 characters stand for 8 MB: a hundred times as much as they are, and not more.
    expect(codeOf(() => columns(many(500, 'x'.repeat(10_000))))).toBe('too-large');
    expect(codeOf(() => columns(many(10_000, 'x'.repeat(400))))).toBe('too-large');
    expect(columns(many(100, 'x'.repeat(2_000)))).toHaveLength(100);
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
