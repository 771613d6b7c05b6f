import { describe, expect, it } from 'vitest';
import { heldAddress } from './held-address.js';

describe('what a decision on an address holds', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['2001:DB8:0:0001::', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::1', '::/64'],
    ['2001:db8:0:1::/64', '2001:db8:0:1::/64'],
    ['a:user', 'a:user'],
  ])('%s: %s', (address, held) => expect(heldAddress(address)).toBe(held));
});
