import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type Point, pointsOf, timeOf } from './points.js';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-series-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'series.csv');

async function read(content: string | Buffer): Promise<Point[]> {
  writeFileSync(path, content);
  const points: Point[] = [];
  for await (const point of pointsOf(path)) points.push(point);
  return points;
}

describe('pointsOf', () => {
  it('finds its columns by name, and keeps both texts as they stand', async () => {
    const csv = '\uFEFFhost,"Value", timestamp\r\na,1.50,2014-04-01 00:00:00\r\n\r\nb,-2e3,"2014-04-01T00:05:00+02:00"\r\n';
    expect(await read(csv)).toEqual([
      { ts: Date.UTC(2014, 3, 1), value: 1.5, text: { timestamp: '2014-04-01 00:00:00', value: '1.50' } },
      { ts: Date.UTC(2014, 2, 31, 22, 5), value: -2000, text: { timestamp: '2014-04-01T00:05:00+02:00', value: '-2e3' } },
    ]);
  });
  it('unpacks gzip', async () => {
    expect(await read(gzipSync('timestamp,value\n1396310400,7\n'))).toMatchObject([{ ts: 1_396_310_400_000, value: 7 }]);
  });
  it.each([
    ['', /is empty: a header "timestamp,value"/],
    ['time,value\n1,2\n', /line 1: the header must name the columns timestamp and value, not "time,value"/],
    ['timestamp,value\n1396310400,7\n\nyesterday,8\n', /line 4: the timestamp "yesterday" is neither/],
    ['timestamp,value\n1396310400,\n', /line 2: the value "" is no finite number/],
    ['timestamp,value\n1396310400,NaN\n', /line 2: the value "NaN" is no finite number/],
    ['timestamp,value\n1396310400,1e999\n', /line 2: the value "1e999" is no finite number/],
    ['timestamp,value\n1396310400\n', /line 2: there are 1 fields, and the value would be number 2/],
    [`timestamp,value\n\u001b[2J${'x'.repeat(99)},1\n`, /line 2: the timestamp "\\u001b\[2Jx{36}…"/],
    [`timestamp,value\n${'9'.repeat(1_100_000)}`, /line 2: the line is longer than a megabyte/],
  ])('says where %j is wrong', async (csv, sentence) => {
    await expect(read(csv)).rejects.toThrow(sentence);
  });
});

describe('timeOf', () => {
  it.each([
    ['2014-04-01 00:00:00', Date.UTC(2014, 3, 1)],
    ['2014-04-01 23:59', Date.UTC(2014, 3, 1, 23, 59)],
    ['2014-04-01T00:00:00.250Z', Date.UTC(2014, 3, 1) + 250],
    ['2014-04-01 00:00:00 +01:00', Date.UTC(2014, 2, 31, 23)],
    ['1396310400', Date.UTC(2014, 3, 1)],
    ['1396310400000', Date.UTC(2014, 3, 1)],
    ['2014-02-30 00:00:00', undefined],
    ['2014-04-01 25:00:00', undefined],
    ['04/01/2014', undefined],
    ['', undefined],
  ])('%j', (text, ts) => {
    expect(timeOf(text)).toBe(ts);
  });
});
