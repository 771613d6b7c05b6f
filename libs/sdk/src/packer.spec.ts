import { gunzipSync } from 'node:zlib';
import { COLUMNS_TYPE, readColumns } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogColumns } from './columns.js';
import { boundLog } from './log.js';
import { Packer } from './packer.js';

const batchOf = (...paths: string[]) => {
  const logs = new LogColumns();
  for (const path of paths) {
    const log = boundLog({ method: 'GET', path, status: 200, ip: '192.0.2.7' }, 1_790_000_000_000);
    if (log) logs.add(log);
  }
  return logs;
};
const read = ({ headers, body, plain }: Awaited<ReturnType<Packer['pack']>>) => {
  const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
  expect(plain.toString('utf8')).toBe(text);
  if (headers['content-type'] !== COLUMNS_TYPE) return JSON.parse(text).requests;
  const batch = readColumns(JSON.parse(text), { logs: 10_000, bytes: 2 ** 23 });
  return batch.type === 'entries' ? batch.entries : batch;
};

describe('a batch', () => {
  it('comes out as it went in, each by itself, by columns and by rows, whatever was packed before', async () => {
    const packer = new Packer();
    const paths = fc.array(fc.string({ maxLength: 100, unit: 'binary' }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(paths, fc.boolean(), async (some, byRow) => {
        const logs = batchOf(...some);
        const packed = await packer.pack(logs, byRow);
        expect(packed.byColumns).toBe(!byRow);
        expect(read(packed)).toEqual(JSON.parse(JSON.stringify(logs.rows())));
      }),
      { numRuns: 100 },
    );
  });

  it('of any size is whole, also where it does not shrink', async () => {
    const packer = new Packer();
    for (const size of [60, 100, 5_000, 50, 2_000]) {
      const paths = Array.from(
        { length: size },
        (_, index) => `/${index}/${Math.random()}${Math.random()}${'x'.repeat(index % 50)}`,
      );
      const packed = await packer.pack(batchOf(...paths));
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(read(packed)).toHaveLength(size);
    }
  });

  it('that is small, or shrinks like a gzip bomb, stays plain, and the next one is packed again', async () => {
    const packer = new Packer();
    expect((await packer.pack(batchOf('/'))).headers).toEqual({ 'content-type': COLUMNS_TYPE });
    expect((await packer.pack(batchOf('/'), true)).headers).toEqual({ 'content-type': 'application/json' });
    const bomb = batchOf(...Array.from({ length: 250 }, (_, index) => `/${'a'.repeat(2_000)}${index}`));
    expect((await packer.pack(bomb)).headers).toEqual({ 'content-type': COLUMNS_TYPE });
    const next = await packer.pack(batchOf(...Array.from({ length: 500 }, (_, index) => `/orders/${index}`)));
    expect([next.headers['content-encoding'], read(next).length]).toEqual(['gzip', 500]);
  });

  it('whose times are texts goes log by log', async () => {
    const logs = new LogColumns();
    const log = boundLog({ method: 'GET', path: '/', status: 200, ip: '192.0.2.7', ts: '2026-11-23T10:00:00Z' }, 0);
    if (log) logs.add(log);
    expect(read(await new Packer().pack(logs))).toEqual(logs.rows());
  });

  it('that cannot be written is refused, and harms no other', async () => {
    const packer = new Packer();
    const bad = batchOf('/');
    bad.batch = () => ({ count: 1n }) as never;
    await expect(packer.pack(bad)).rejects.toThrow();
    expect(read(await packer.pack(batchOf('/')))).toHaveLength(1);
  });
});
