import { readColumns } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogBuffer } from './buffer.js';
import { LogColumns } from './columns.js';
import { boundLog, type RecordedRequest } from './log.js';

const MOST = { logs: 10_000, bytes: 8 * 1024 * 1024 };
const log = (change: object = {}) => {
  const bound = boundLog(
    { method: 'GET', path: '/a', status: 200, ip: '192.0.2.7', ...change } as RecordedRequest,
    1_790_000_000_000,
  );
  if (bound === undefined) throw new Error('no log');
  return bound;
};
const columnsOf = (...changes: object[]) => {
  const columns = new LogColumns();
  for (const change of changes) columns.add(log(change));
  return columns;
};
const read = (columns: LogColumns) => {
  const batch = readColumns(JSON.parse(JSON.stringify(columns.batch())), MOST);
  return batch.type === 'entries' ? batch.entries : batch;
};

const text = (maxLength: number) => fc.option(fc.string({ unit: 'binary', maxLength }), { nil: undefined });
const change = fc.record({
  ts: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  method: fc.constantFrom('GET', 'POST', 'patch', 'M-SEARCH'),
  path: fc.string({ unit: 'binary', maxLength: 40 }).map((path) => `/${path}`),
  status: fc.integer({ min: 100, max: 599 }),
  durationMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  bytesIn: fc.nat(),
  bytesOut: fc.maxSafeNat(),
  ip: fc.constantFrom('192.0.2.7', '2001:db8::7', ''),
  userAgent: text(30),
  route: text(30),
  actor: text(10),
  authenticated: fc.option(fc.boolean(), { nil: undefined }),
  auth: fc.constantFrom('success', 'failure', undefined),
  credential: text(10),
  verdict: fc.constantFrom('allow', 'throttle', 'challenge', 'block', undefined),
  traceId: text(10),
  id: text(10),
});

describe('a batch by columns', () => {
  it('says what its logs say one by one, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 150 }), (changes) => {
        const columns = columnsOf(...changes);
        expect(read(columns)).toEqual(JSON.parse(JSON.stringify(columns.rows())));
      }),
      { numRuns: 300 },
    );
  });

  it('says it also where texts stop being looked for, as they are all unlike', () => {
    const changes = Array.from({ length: 600 }, (_, index) => ({ path: `/${index % 400}`, actor: `u${index % 9}`, ts: index }));
    const columns = columnsOf(...changes);
    expect(columns.batch()?.values.length).toBe(600 + 9 + 4);
    expect(read(columns)).toEqual(columns.rows());
    expect(columns.rows().map(({ path }) => path)).toEqual(changes.map(({ path }) => path));
    columns.clear();
    for (let index = 0; index < 300; index += 1) columns.add(log({ path: `/${index % 3}` }));
    expect(columns.batch()?.values).toHaveLength(3 + 3);
  });

  it('says nothing of logs that were dropped', () => {
    const columns = columnsOf({ path: '/secret', actor: 'gone' }, { path: '/b' }, { path: '/c', ts: 5 });
    columns.dropFirst();
    expect([columns.length, columns.rows().map(({ path }) => path)]).toEqual([2, ['/b', '/c']]);
    expect(JSON.stringify(columns.batch())).not.toMatch(/secret|gone/);
    expect(read(columns)).toEqual(columns.rows());
  });

  it('can be taken apart, each part by itself', () => {
    const columns = columnsOf(
      ...Array.from({ length: 7 }, (_, index) => ({ path: `/${index}`, durationMs: 0.29, actor: `u${index}` })),
    );
    columns.dropFirst();
    const [first, second] = [columns.part(0, 3), columns.part(3, 6)];
    expect([...first.rows(), ...second.rows()]).toEqual(columns.rows());
    expect(first.sizeBytes + second.sizeBytes).toBe(columns.sizeBytes);
    expect(JSON.stringify(first.batch())).not.toContain('/5');
  });

  it('begins anew when it is cleared', () => {
    const columns = columnsOf({ actor: 'before', ts: '2026-11-23T10:00:00Z' });
    columns.clear();
    columns.add(log({ actor: 'after' }));
    expect(columns.rows()).toHaveLength(1);
    expect(read(columns)).toEqual(columns.rows());
    expect(JSON.stringify(columns.batch())).not.toContain('before');
  });

  it('leaves times that are texts to the server, log by log', () => {
    const columns = columnsOf({ ts: '2026-11-23T10:00:00+01:00' }, {});
    expect(columns.batch()).toBeUndefined();
    expect(columns.rows().map(({ ts }) => ts)).toEqual(['2026-11-23T10:00:00+01:00', 1_790_000_000_000]);
  });
});

describe('what waits', () => {
  const bounds = { maxCount: 100, maxBytes: 1e9, batchCount: 10, batchBytes: 1e9 };

  it('is bounded by count, the oldest go, and the batches that hold it are bounded too', () => {
    const buffer = new LogBuffer({ ...bounds, batchCount: 1_000, maxCount: 10 });
    let dropped = 0;
    for (let index = 0; index < 5_000; index += 1) dropped += buffer.push(log({ path: `/${index}` }));
    expect([dropped, buffer.length]).toEqual([4_990, 10]);
    const left: string[] = [];
    for (let batch = buffer.take(); batch; batch = buffer.take()) {
      expect(batch.filled.logs).toBeLessThanOrEqual(1_000);
      left.push(...batch.rows().map(({ path }) => path));
    }
    expect(left).toEqual(Array.from({ length: 10 }, (_, index) => `/${4_990 + index}`));
    expect(buffer.length).toBe(0);
  });

  it('is bounded by bytes, but for one log', () => {
    const buffer = new LogBuffer({ ...bounds, maxBytes: 1_000 });
    for (let index = 0; index < 20; index += 1) buffer.push(log({ path: `/${'x'.repeat(100)}` }));
    expect(buffer.length).toBe(3);
    expect(buffer.push(log({ path: `/${'y'.repeat(2_000)}` }))).toBe(3);
    expect(buffer.length).toBe(1);
  });

  it('is full where a batch takes no more, and an emptied batch is used again', () => {
    const buffer = new LogBuffer(bounds);
    for (let index = 0; index < 10; index += 1) {
      expect(buffer.full).toBe(false);
      buffer.push(log());
    }
    expect(buffer.full).toBe(true);
    const batch = buffer.take();
    expect([batch?.length, buffer.length, buffer.full]).toEqual([10, 0, false]);
    if (batch) buffer.giveBack(batch);
    buffer.push(log());
    expect(buffer.take()).toBe(batch);
  });
});
