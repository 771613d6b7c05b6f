/**
 * Client addresses as web servers write them: with a port, in brackets, with a zone, IPv4 inside IPv6, in a list.
 * IPv6 is given in its shortest form (RFC 5952), as the SDK gives it, so that one client is one address everywhere.
 */
import { isIP, SocketAddress } from 'node:net';

/** The plain address in `text`, or undefined where it is a host name or nothing of the kind. */
export function plainAddress(text: string): string | undefined {
  const bare = text
    .slice(0, 100)
    .replace(/,$/, '')
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '');
  const version = isIP(bare);
  if (version !== 6) return version === 4 ? bare : undefined;
  return new SocketAddress({ address: bare, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** The client in a forwarded-for list: the first address. */
export function firstAddress(list: string): string | undefined {
  return plainAddress(list.split(',', 1)[0]?.trim() ?? '');
}
