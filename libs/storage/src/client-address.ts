/**
 * Whence a request comes: from the other end of its socket, or, where that is a proxy of one's own, from where the proxy says. The header
 * is read from its end, entry by entry, for as long as each is a trusted proxy's: what stands further left is the client's own
 * word. The SDK has the same rule of its own, since it has no dependencies (libs/sdk/src/proxies.ts).
 */
import { BlockList, isIPv4 } from 'node:net';
import { addressRange } from '@plimsoll/contracts';
import { z } from 'zod';
import { plainAddress } from './addresses.js';

/** Of a server's environment: its own proxies, addresses and ranges, separated by commas. */
export const trustedProxies = z
  .string()
  .max(2_000)
  .transform((text) =>
    text
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  )
  .pipe(z.array(addressRange).max(50));

export interface Arrival {
  socket: { remoteAddress?: string | undefined };
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Entries of the header that are looked at: nobody stands behind more proxies of one's own. */
const MOST_PROXIES = 20;

/**
 * @param trusted addresses and ranges (CIDR) of one's own proxies, each of which appends to `X-Forwarded-For`; none: the header is never read.
 * @returns gives the address in its plain form; the text of the socket where that has none, as on a Unix socket.
 */
export function clientAddressReader(trusted: readonly string[]): (arrival: Arrival) => string {
  const proxies = new BlockList();
  for (const each of trusted) {
    const [address = '', bits] = each.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isProxy = (address: string) => proxies.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return ({ socket, headers }) => {
    const own = socket.remoteAddress ?? '';
    let client = plainAddress(own) ?? own;
    if (trusted.length === 0) return client;
    for (const entry of chainIn(headers['x-forwarded-for'])) {
      const next = plainAddress(entry);
      // What is no address says nothing; the nearest one that is vouched for stands.
      if (next === undefined || !isProxy(client)) break;
      client = next;
    }
    return client;
  };
}

/** Nearest first. */
const chainIn = (header: string | readonly string[] | undefined): string[] =>
  [header ?? '']
    .flat()
    .flatMap((line) => line.split(','))
    .slice(-MOST_PROXIES)
    .map((entry) => entry.trim())
    .reverse();
