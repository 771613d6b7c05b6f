/**
 * The client's address as one canonical text, so that the address in a log, in a decision and at the door is the same:
 * IPv4-mapped IPv6 becomes IPv4, IPv6 is written in its shortest form (RFC 5952), zones and ports are cut off.
 */
import { isIP, isIPv4, SocketAddress } from 'node:net';

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** The last one that was in canonical form: within one request the same is asked for several times. */
let lately: string | undefined;

/** Canonical form of an address, also of `1.2.3.4:80` and `[::1]:80`; undefined where it is none. */
export function plainAddress(text: string): string | undefined {
  if (text === lately) return text;
  const plain = text.length > 100 ? undefined : read(text);
  if (plain === text) lately = text;
  return plain;
}

function read(text: string): string | undefined {
  const bare = withoutPort(text.trim());
  if (isIPv4(bare)) return bare;
  const [address = ''] = bare.split('%', 1);
  if (isIP(address) !== 6) return undefined;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const mapped = MAPPED.exec(canonical)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : canonical;
}

function withoutPort(text: string): string {
  if (text.startsWith('[')) return text.slice(1, Math.max(text.indexOf(']'), 1));
  const colon = text.indexOf(':');
  return colon > 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}

/**
 * Whom a decision on an address is about: an IPv4 address alone, but all of an IPv6 network of 64 bits, since that much
 * is given to one subscriber (RFC 6177), who could take a new address for each request. `address` in canonical form.
 */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('::', 2);
  const words = left === '' ? [] : left.split(':');
  const behind = right === undefined || right === '' ? [] : right.split(':');
  const gap = right === undefined ? [] : Array<string>(Math.max(0, 8 - words.length - behind.length)).fill('0');
  return `${[...words, ...gap, ...behind].slice(0, 4).join(':')}::/64`;
}
