import { describe, expect, it } from 'vitest';
import { networkOf, plainAddress } from './addresses.js';

describe('an address', () => {
  it.each([
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:C000:0207', '192.0.2.7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['192.0.2.7', '192.0.2.7'],
  ])('%s is %s', (text, plain) => {
    expect(plainAddress(text)).toBe(plain);
    expect(plainAddress(plain)).toBe(plain);
  });

  it.each(['', 'localhost', '192.0.2.300', '192.0.2.7:80', ' 192.0.2.7', '2001:db8::g', '[::1]'])('%j is none', (text) => {
    expect(plainAddress(text)).toBeUndefined();
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['1::2:3:4:5:6', '1:0:0:2'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('%s is in %s', (text, network) => {
    expect(networkOf(text)).toBe(network);
  });
});
