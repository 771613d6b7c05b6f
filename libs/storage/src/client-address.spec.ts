import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddressReader } from './client-address.js';

const from = (remoteAddress: string | undefined, forwarded?: string | string[]) => ({
  socket: { remoteAddress },
  headers: { 'x-forwarded-for': forwarded, 'x-real-ip': '203.0.113.1', forwarded: 'for=203.0.113.2' },
});

describe('whence a request comes', () => {
  const read = clientAddressReader(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  it.each<[string, Parameters<typeof read>[0], string]>([
    ['from a stranger, whatever it claims', from('198.51.100.7', '203.0.113.9'), '198.51.100.7'],
    ['through one proxy', from('10.1.2.3', '198.51.100.7'), '198.51.100.7'],
    ['through one proxy, with claims before it', from('10.1.2.3', '203.0.113.9, 10.9.9.9, 198.51.100.7'), '198.51.100.7'],
    ['through two proxies', from('10.1.2.3', '203.0.113.9, 198.51.100.7, 192.0.2.1'), '198.51.100.7'],
    ['through a proxy on IPv6, mapped', from('::ffff:10.1.2.3', '2001:DB9::1'), '2001:db9::1'],
    ['in several headers', from('10.1.2.3', ['203.0.113.9', '198.51.100.7']), '198.51.100.7'],
    ['from the proxy itself', from('10.1.2.3'), '10.1.2.3'],
    ['from a proxy that says nothing that is an address', from('10.1.2.3', '198.51.100.7, unknown'), '10.1.2.3'],
    ['from a proxy behind which another says no address', from('10.1.2.3', '<script>, 192.0.2.1'), '192.0.2.1'],
    ['with an empty entry', from('10.1.2.3', '198.51.100.7,'), '10.1.2.3'],
    ['on a Unix socket', from(undefined, '198.51.100.7'), ''],
  ])('%s', (_, arrival, address) => {
    expect(read(arrival)).toBe(address);
  });

  it('is the socket where nobody is trusted', () => {
    expect(clientAddressReader([])(from('127.0.0.1', '198.51.100.7'))).toBe('127.0.0.1');
  });

  it('is never decided by what a client wrote left of what the proxy appends', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.array(fc.ipV4(), { maxLength: 5 }), (text, claims) => {
        const claimed = [text.replace(/[\r\n]/g, ''), ...claims, '198.51.100.7'].join(', ');
        expect(read(from('10.1.2.3', claimed))).toBe('198.51.100.7');
      }),
    );
  });
});
