import { describe, expect, it } from 'vitest';
import { fingerprint, networkOf } from './fingerprint.js';

describe('fingerprint', () => {
  it('tells texts apart, and no text from any', () => {
    const texts = Array.from({ length: 5_000 }, (_, index) => `Mozilla/5.0 (X${index}) Firefox/149`);
    expect(new Set(texts.map((text) => fingerprint(text))).size).toBe(5_000);
    expect(fingerprint('')).toBe(0);
    expect(texts.every((text) => fingerprint(text) > 0)).toBe(true);
  });
});

describe('networkOf', () => {
  it('keeps the /24 of a v4 address, mapped or not', () => {
    expect(networkOf('192.0.2.1')).toBe(networkOf('192.0.2.254'));
    expect(networkOf('192.0.2.1')).not.toBe(networkOf('192.0.3.1'));
    expect(networkOf('::ffff:192.0.2.1')).toBe(networkOf('::ffff:192.0.2.7'));
  });

  it('keeps the /48 of a v6 address, so that privacy addresses are one network', () => {
    expect(networkOf('2001:db8:7:1::1')).toBe(networkOf('2001:db8:7:1:a:b:c:d'));
    expect(networkOf('2001:db8:7::1')).toBe(networkOf('2001:db8:7:9::2'));
    expect(networkOf('2001:db8:7::1')).not.toBe(networkOf('2001:db8:8::1'));
  });

  it('takes what is no address as it is', () => {
    expect(networkOf('unknown')).toBe(fingerprint('unknown'));
    expect(networkOf('::1')).not.toBe(networkOf('::2'));
  });
});
