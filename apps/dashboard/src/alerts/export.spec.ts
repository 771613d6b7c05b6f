import { describe, expect, it } from 'vitest';
import { csvCell, requestsCsv } from './export.js';

describe('what is taken along', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-2+3', "'-2+3"],
    [-2, '-2'],
    ['a "b", c', '"a ""b"", c"'],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    [null, ''],
  ])('%j is the cell %s', (value, cell) => expect(csvCell(value)).toBe(cell));

  it('has a row for each request, with the time in UTC', () => {
    const request = { ...{ id: 'r', ts: 0, method: 'GET', path: '/a,b', endpoint: 'GET /a', status: 200, durationMs: 1 } };
    const rest = { bytesOut: 2, ip: '192.0.2.1', userAgent: '+x', actor: null, verdict: 'allow' } as const;
    const [head, row] = requestsCsv([{ ...request, ...rest }]).split('\r\n');
    expect(head).toMatch(/^id,ts,method/);
    expect(row).toBe('r,1970-01-01T00:00:00.000Z,GET,"/a,b",GET /a,200,1,2,192.0.2.1,\'+x,,allow');
  });
});
