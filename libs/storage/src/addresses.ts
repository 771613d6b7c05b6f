/**
 * Client addresses as they stand in logs, decisions and limits: one text for one address, so that what a person types,
 * what an SDK reports and what a bouncer looks up meet. The SDK has the same rule of its own, since it has no dependencies.
 */
import { isIP, SocketAddress } from 'node:net';

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/;

/** The shortest form of an IPv6 address (RFC 5952), without its zone; IPv4 where it is mapped. Undefined where it is none. */
export function plainAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version !== 6) return version === 4 ? text : undefined;
  const shortest = new SocketAddress({ address: text.split('%', 1)[0] ?? '', family: 'ipv6' }).address;
  return MAPPED.exec(shortest)?.[1] ?? shortest;
}

/** A range in CIDR notation by the form that its addresses have in logs: of v4 mapped into v6, a range of v4. */
export function plainRange(text: string): string {
  const [address = '', bits = ''] = text.split('/');
  const plain = plainAddress(address) ?? address;
  return `${plain}/${isIP(address) === 6 && isIP(plain) === 4 ? Math.max(0, Number(bits) - 96) : bits}`;
}

/** What one sender commands at least: an IPv4 address, or the first 64 bits of an IPv6 one. Other text stands as it is. */
export function networkOf(text: string): string {
  const address = plainAddress(text) ?? text;
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  if (tail === undefined) return groups(head).slice(0, 4).join(':');
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  return [...groups(head), ...zeros, ...groups(tail)].slice(0, 4).join(':');
}

/**
 * What a decision on an address holds: an IPv4 address, or the /64 of an IPv6 one, which is what one subscriber commands
 * (RFC 6177): within it a fresh address costs nothing. `2001:db8:0:1::/64`. Other text stands as it is.
 */
export function heldAddress(text: string): string {
  const plain = plainAddress(text.endsWith('/64') ? text.slice(0, -3) : text);
  if (plain === undefined || isIP(plain) !== 6) return plainAddress(text) ?? text;
  return `${plainAddress(`${networkOf(plain)}::`) ?? plain}/64`;
}
