import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forNodes } from './forwarded.js';
import { addressReader, type TrustedProxies } from './proxies.js';

/** Only what is read of a request. */
const from = (remoteAddress: string | undefined, headers: IncomingHttpHeaders) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;
const xff = (trusted: TrustedProxies, remote: string | undefined, value?: string) =>
  addressReader(trusted)(from(remote, value === undefined ? {} : { 'x-forwarded-for': value }));
const rfc7239 = (trusted: TrustedProxies, remote: string | undefined, value: string) =>
  addressReader(trusted, 'forwarded')(from(remote, { forwarded: value }));

describe('proxies by number', () => {
  it.each([
    [undefined, 1, '10.0.0.1'],
    ['198.51.100.4', 0, '10.0.0.1'],
    ['198.51.100.4', 1, '198.51.100.4'],
    ['fake, 198.51.100.4', 1, '198.51.100.4'],
    ['fake, 198.51.100.4, 10.0.0.2', 2, '198.51.100.4'],
    ['198.51.100.4, garbage', 1, '10.0.0.1'],
    ['', 1, '10.0.0.1'],
    ['2001:db8::7', 1, '2001:db8::7'],
    ['[2001:db8::7]:4711', 1, '2001:db8::7'],
    ['::ffff:198.51.100.4', 1, '198.51.100.4'],
    ['198.51.100.4:4711', 1, '198.51.100.4'],
    ['fe80::1%eth0', 1, 'fe80::1'],
    // Did not come through all of them: a client that reached an inner proxy wrote it itself.
    ['198.51.100.4', 2, '10.0.0.1'],
  ])('X-Forwarded-For %j, %i of them: %s', (header, hops, expected) => {
    expect(xff(hops, '10.0.0.1', header)).toBe(expected);
  });
});

describe('proxies by address', () => {
  const inside = ['10.0.0.0/8', '2001:db8:1::/48', 'fd00::5', 'unix'];
  it.each<[string | undefined, string, string | undefined]>([
    ['10.0.0.1', 'fake, 198.51.100.4', '198.51.100.4'],
    ['10.0.0.1', 'fake, 198.51.100.4, 10.7.0.1, 10.8.0.1', '198.51.100.4'],
    ['::ffff:10.0.0.1', '198.51.100.4', '198.51.100.4'],
    ['2001:db8:1:2::3', '2001:db8:9::1, fd00::5', '2001:db8:9::1'],
    ['fd00::6', '198.51.100.4', 'fd00::6'],
    // Whoever reaches the server past the proxies is not believed.
    ['198.51.100.9', '10.0.0.1', '198.51.100.9'],
    ['10.0.0.1', '10.0.0.2, 10.0.0.3', '10.0.0.2'],
    // What cannot be read hides whoever stands left of it.
    ['10.0.0.1', '198.51.100.4, unknown, 10.7.0.1', '10.7.0.1'],
    [undefined, '198.51.100.4', '198.51.100.4'],
  ])('from %s with %j: %s', (remote, header, expected) => {
    expect(xff(inside, remote, header)).toBe(expected);
  });
  it('takes ranges of mapped addresses for the IPv4 ranges that they are', () => {
    expect(xff(['::ffff:10.0.0.0/104'], '10.9.9.9', '198.51.100.4')).toBe('198.51.100.4');
  });
  it.each(['10.0.0.0/33', '10.0.0.0/-1', 'proxy.example', '10.0.0.0/8/8', '', '::1/129', '::ffff:10.0.0.0/8'])(
    'refuses %j as an option',
    (range) => {
      expect(() => addressReader([range])).toThrow('trustedProxies');
    },
  );
  it.each([-1, 1.5, Number.NaN, 1e9])('refuses %d as a number', (hops) => {
    expect(() => addressReader(hops)).toThrow('trustedProxies');
  });
});

describe('Forwarded (RFC 7239)', () => {
  it.each<[string, string[] | undefined]>([
    ['for=192.0.2.43', ['192.0.2.43']],
    ['For="[2001:db8:cafe::17]:4711"', ['[2001:db8:cafe::17]:4711']],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', ['192.0.2.60']],
    ['for=192.0.2.43, for=198.51.100.17', ['192.0.2.43', '198.51.100.17']],
    ['by=203.0.113.43, for=_hidden', ['', '_hidden']],
    ['for="a, for=198.51.100.17"', ['a, for=198.51.100.17']],
    ['for="a\\"b"', ['a"b']],
    ['for=192.0.2.43;for=198.51.100.17', undefined],
    ['for="192.0.2.43', undefined],
    ['for=[2001:db8::1] x', undefined],
    ['for', undefined],
    ['for=1.2.3.4;', undefined],
    ['for=1.2.3.4,', undefined],
    ['', undefined],
  ])('%j names %j', (header, expected) => {
    expect(forNodes(header)).toEqual(expected);
  });
  it('is read as X-Forwarded-For is, and only where it is the trusted header', () => {
    const header = 'for=fake, for="[2001:db8::7]:1", for=10.0.0.2';
    expect(rfc7239(2, '10.0.0.1', header)).toBe('2001:db8::7');
    expect(rfc7239(['10.0.0.0/8'], '10.0.0.1', header)).toBe('2001:db8::7');
    expect(rfc7239(1, '10.0.0.1', 'for=unknown')).toBe('10.0.0.1');
    const both = from('10.0.0.1', { forwarded: 'for=192.0.2.1', 'x-forwarded-for': '192.0.2.2' });
    expect(addressReader(1)(both)).toBe('192.0.2.2');
    expect(addressReader(1, 'forwarded')(both)).toBe('192.0.2.1');
  });
  it('is read in linear time, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('for', '=', '"', '\\', ',', ';', 'a', ' ', '1'), maxLength: 4_000 }),
        (text) => {
          const nodes = forNodes(text);
          expect(nodes === undefined || nodes.length > 0).toBe(true);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
    expect(forNodes(`for="${'\\"'.repeat(30_000)}`)).toBeUndefined();
  });
});

describe('a forged header', () => {
  it('never decides, whatever the client writes left of what the proxies append', () => {
    const entry = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('unknown', '', '10.0.0.9', ' ', '"', '::ffff:10.0.0.1'));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (forged) => {
        const header = [...forged, '198.51.100.4', '10.1.0.1'].join(', ');
        expect(xff(2, '10.0.0.1', header)).toBe('198.51.100.4');
        expect(xff(['10.0.0.0/8'], '10.0.0.1', header)).toBe('198.51.100.4');
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
