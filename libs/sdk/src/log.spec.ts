import { createHash, createHmac } from 'node:crypto';
import { cleanText as contractsCleanText, requestLogInput } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainAddress } from './address.js';
import { LogColumns } from './columns.js';
import { credentialOf, fingerprinter } from './fingerprint.js';
import * as logs from './log.js';
import { cleanText, type RecordedRequest, withoutQuery } from './log.js';

const log = (change: object = {}) => ({ method: 'GET', path: '/a', status: 200, ip: '192.0.2.7', ...change }) as RecordedRequest;

/** As it is sent. */
function boundLog(input: RecordedRequest, now: number) {
  const bound = logs.boundLog(input, now);
  if (bound === undefined) return undefined;
  const columns = new LogColumns();
  columns.add(bound);
  const [log = {} as never] = columns.rows();
  return { log, sizeBytes: columns.sizeBytes };
}

describe('a request log', () => {
  it('is one that ingestion takes, whatever the host records', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.anything());
    const fields = [
      'id',
      'route',
      'userAgent',
      'actor',
      'credential',
      'traceId',
      'durationMs',
      'bytesIn',
      'bytesOut',
      'auth',
      'ip',
    ];
    const change = fc.dictionary(fc.constantFrom(...fields), anything);
    fc.assert(
      fc.property(change, fc.string({ unit: 'binary' }), (some, path) => {
        const bounded = boundLog(log({ ...some, path: `/${path}` }), Date.now());
        const sent: unknown = JSON.parse(JSON.stringify(bounded?.log));
        expect(requestLogInput.safeParse(sent).error).toBeUndefined();
        expect(bounded?.sizeBytes).toBeGreaterThan(100);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps known fields only', () => {
    const { log: kept } = boundLog(log({ password: 'x', headers: {}, actor: 7, query: 'y' }), 5) ?? {};
    expect(kept).toEqual({
      ts: 5,
      method: 'GET',
      path: '/a',
      status: 200,
      durationMs: 0,
      bytesIn: 0,
      bytesOut: 0,
      ip: '192.0.2.7',
      userAgent: '',
      actor: '7',
      authenticated: true,
    });
  });

  it.each([{ method: 'GET /' }, { method: undefined }, { path: undefined }, { status: 99 }, { status: 'ok' }])(
    'is refused with %j',
    (change) => {
      expect(boundLog(log(change), 5)).toBeUndefined();
    },
  );

  it.each([{ ts: 1n }, { ts: Number.NaN }, { ts: {} }, { ts: 'x'.repeat(65) }])(
    'is refused with a time that is none: %o',
    (change) => {
      expect(boundLog(log(change), 5)).toBeUndefined();
    },
  );

  it('takes times as hosts have them, in whole milliseconds', () => {
    expect(boundLog(log({ ts: 1_800_000_000_000.25 }), 5)?.log.ts).toBe(1_800_000_000_000);
    expect(boundLog(log({ ts: new Date(7) }), 5)?.log.ts).toBe(7);
    expect(boundLog(log({ ts: '2026-11-23T10:00:00Z' }), 5)?.log.ts).toBe('2026-11-23T10:00:00Z');
  });

  it('names only verdicts that there are', () => {
    expect(boundLog(log({ verdict: 'throttle' }), 5)?.log.verdict).toBe('throttle');
    for (const verdict of ['allow', 'no', 1n, {}]) expect(boundLog(log({ verdict }), 5)?.log).not.toHaveProperty('verdict');
  });

  it('never names an actor or credential by a part of its id', () => {
    const { log: kept } = boundLog(log({ actor: 'a'.repeat(257), credential: 'c'.repeat(129) }), 5) ?? {};
    expect(kept).not.toHaveProperty('actor');
    expect(kept).not.toHaveProperty('credential');
  });

  it('has no query and no fragment', () => {
    expect(withoutQuery('/a?key=1#x')).toBe('/a');
    expect(withoutQuery('/a#x?key=1')).toBe('/a');
    expect(withoutQuery('?key=1')).toBe('/');
  });

  it('is the path alone, also of a target in absolute form (RFC 9112, 3.2.2)', () => {
    expect(withoutQuery('http://shop.example/a/b?key=1')).toBe('/a/b');
    expect(withoutQuery('HTTPS://user:secret@shop.example:8443')).toBe('/');
    expect(withoutQuery('/a/http://b')).toBe('/a/http://b');
  });

  it('has the path that ingestion makes of it', () => {
    const targets = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.webUrl({ withQueryParameters: true }));
    fc.assert(
      fc.property(targets, (target) => {
        expect(withoutQuery(target)).toBe(requestLogInput.shape.path.parse(target));
      }),
    );
  });

  it('cleans texts exactly as ingestion does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(cleanText(text)).toBe(contractsCleanText(text));
      }),
    );
  });
});

describe('addresses', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['192.0.2.7:4711', '192.0.2.7'],
    ['[2001:DB8::1]:443', '2001:db8::1'],
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['', undefined],
    ['unknown', undefined],
    ['999.1.1.1', undefined],
    ['1'.repeat(200), undefined],
    ['[', undefined],
  ])('%j is %j', (text, expected) => {
    expect(plainAddress(text)).toBe(expected);
  });
});

describe('credentials', () => {
  it.each([
    [{ authorization: 'Bearer  abc' }, 'bearer abc'],
    [{ authorization: 'bearer abc', 'x-api-key': 'k' }, 'bearer abc'],
    [{ 'x-api-key': 'k', cookie: 'sid=1' }, 'key k'],
    [{ cookie: 'a=1; sid=xyz; b=2' }, 'cookie xyz'],
    [{ cookie: 'xsid=1; sid=' }, undefined],
    [{}, undefined],
  ])('of %j: %j', (headers, expected) => {
    expect(credentialOf(headers, 'sid')).toBe(expected);
  });

  it('have fingerprints that are HMAC-SHA-256, whatever the length and script of the secret', () => {
    const derived = createHash('sha256').update('plimsoll credential fingerprint\nkey one').digest();
    const print = fingerprinter('key one');
    for (const secret of [
      '',
      'a',
      'bearer x'.repeat(300),
      '\u{1f600}\u00e9\ud800'.repeat(200),
      'z'.repeat(2_730),
      'z'.repeat(2_731),
      'z'.repeat(20_000),
      'b',
    ]) {
      expect(print(secret)).toBe(`cf_${createHmac('sha256', derived).update(secret).digest('base64url').slice(0, 22)}`);
    }
  });

  it('have fingerprints that need the key', () => {
    const print = fingerprinter('key one')('secret');
    expect(print).toMatch(/^cf_[\w-]{22}$/);
    expect(fingerprinter('key one')('secret')).toBe(print);
    expect(fingerprinter('key two')('secret')).not.toBe(print);
    expect(fingerprinter('key one')('secret2')).not.toBe(print);
  });
});
