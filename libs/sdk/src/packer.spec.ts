import { gunzipSync } from 'node:zlib';
import type { RequestLogInput } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packer } from './packer.js';

const log = (path: string): RequestLogInput => ({ ts: 1_790_000_000_000, method: 'GET', path, status: 200, ip: '192.0.2.7' });
const read = ({ headers, body }: Awaited<ReturnType<Packer['pack']>>) =>
  JSON.parse((headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8'));

describe('a batch', () => {
  it('comes out as it went in, each by itself, whatever was packed before', async () => {
    const packer = new Packer();
    const batch = fc.array(fc.string({ maxLength: 200, unit: 'binary' }).map(log), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(batch, async (logs) => {
        expect(read(await packer.pack(logs))).toEqual(JSON.parse(JSON.stringify({ requests: logs })));
      }),
      { numRuns: 200 },
    );
  });

  it('of any size is whole, also where it does not shrink', async () => {
    const packer = new Packer();
    for (const size of [10, 100, 5_000, 50, 2_000]) {
      const logs = Array.from({ length: size }, (_, index) => log(`/${index}/${Math.random()}${'x'.repeat(index % 50)}`));
      const packed = await packer.pack(logs);
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(read(packed).requests).toHaveLength(size);
    }
  });

  it('that is small, or shrinks like a gzip bomb, stays plain, and the next one is packed again', async () => {
    const packer = new Packer();
    expect((await packer.pack([log('/')])).headers).toEqual({ 'content-type': 'application/json' });
    expect((await packer.pack([log('a'.repeat(500_000))])).headers).toEqual({ 'content-type': 'application/json' });
    const next = await packer.pack(Array.from({ length: 50 }, () => log('/orders/7')));
    expect([next.headers['content-encoding'], read(next).requests.length]).toEqual(['gzip', 50]);
  });

  it('that cannot be written is refused, and harms no other', async () => {
    const packer = new Packer();
    const bad = { ...log('/'), status: 1n } as unknown as RequestLogInput;
    await expect(packer.pack([bad])).rejects.toThrow();
    expect(read(await packer.pack([log('/')])).requests).toHaveLength(1);
  });
});
