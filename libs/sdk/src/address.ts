/**
 * The client's address as one canonical text, so that the address in a log, in a decision and at the door is the same:
 * IPv4-mapped IPv6 becomes IPv4, IPv6 is written in its shortest form (RFC 5952), zones and ports are cut off.
 */
import { isIP, isIPv4, SocketAddress } from 'node:net';

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** Canonical form of an address, also of `1.2.3.4:80` and `[::1]:80`; undefined where it is none. */
export function plainAddress(text: string): string | undefined {
  if (text.length > 100) return undefined;
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
 * The client's address behind `trustedProxies` proxies that each append to X-Forwarded-For. With 0 the header is never
 * read. Entries further left than the trusted ones are the client's own words and ignored; an unreadable entry leads to
 * the socket's address.
 */
export function clientAddress(
  remote: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trustedProxies: number,
): string | undefined {
  const own = remote === undefined ? undefined : plainAddress(remote);
  if (trustedProxies <= 0 || forwardedFor === undefined) return own;
  const entries = (typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(',')).split(',');
  const entry = entries[Math.max(entries.length - trustedProxies, 0)];
  return (entry === undefined ? undefined : plainAddress(entry)) ?? own;
}
