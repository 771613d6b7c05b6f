/**
 * Whom to believe about a client's address. Proxies are trusted by their number or by their addresses, never both, and
 * only one header is read: a client can always send the one that the proxies do not write. What does not fit is refused,
 * and the nearest address that is vouched for is taken instead.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import { plainAddress } from './address.js';
import { messageOf } from './faults.js';
import { type ForwardedHeader, forwardedChain } from './forwarded.js';

/**
 * How many proxies stand in front and append to the header (0: the header is never read), or their addresses: single ones,
 * ranges in CIDR form, and `unix` for a proxy on a Unix socket.
 */
export type TrustedProxies = number | readonly string[];

type Reader = (request: IncomingMessage) => string | undefined;

/** A request's client address in canonical form, undefined where it has none. Throws where `trusted` names no addresses. */
export function addressReader(trusted: TrustedProxies = 0, header: ForwardedHeader = 'x-forwarded-for'): Reader {
  if (trusted === 0) return ownAddress;
  if (typeof trusted === 'number' && !(Number.isInteger(trusted) && trusted > 0 && trusted <= 100))
    throw new Error('`trustedProxies` is neither a number of proxies nor a list of addresses');
  if (header !== 'x-forwarded-for' && header !== 'forwarded')
    throw new Error('`forwardedHeader` is neither x-forwarded-for nor forwarded');
  const find = typeof trusted === 'number' ? byNumber(trusted) : byAddress(trusted);
  return (request) => {
    const own = ownAddress(request);
    const chain = forwardedChain(request.headers, header);
    return chain === undefined ? own : find(own, chain);
  };
}

const ADDRESS = Symbol('plimsoll address');

/** The peer's address; kept at its socket, since it is the same for all requests of a connection. */
const ownAddress: Reader = ({ socket }) => {
  const known = socket as typeof socket & { [ADDRESS]?: string | undefined };
  if (known[ADDRESS] !== undefined) return known[ADDRESS];
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return undefined;
  known[ADDRESS] = plainAddress(remoteAddress);
  return known[ADDRESS];
};

type Find = (own: string | undefined, chain: readonly string[]) => string | undefined;

/**
 * The entry that the outermost of the trusted proxies wrote; what stands left of it are the client's own words. A chain
 * that is too short did not come through all of them: then none of it is believed.
 */
function byNumber(proxies: number): Find {
  return (own, chain) => {
    const entry = chain[chain.length - proxies];
    return (entry === undefined ? undefined : plainAddress(entry)) ?? own;
  };
}

/** From our side to the client's as long as the address is a trusted one: the first that is not is the client. */
function byAddress(ranges: readonly string[]): Find {
  const trusted = new BlockList();
  let unix = false;
  for (const range of ranges) {
    if (range === 'unix') unix = true;
    else addTrusted(trusted, range);
  }
  const trusts = (address: string | undefined) =>
    address === undefined ? unix : trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return (own, chain) => {
    let client = own;
    for (let index = chain.length - 1; index >= 0 && trusts(client); index -= 1) {
      const next = plainAddress(chain[index] ?? '');
      if (next === undefined) break;
      client = next;
    }
    return client;
  };
}

function addTrusted(list: BlockList, range: string): void {
  try {
    addRange(list, range);
  } catch (error) {
    throw new Error(`\`trustedProxies\`: ${messageOf(error)}`);
  }
}

/** Adds an address or a range in CIDR form. Throws where the text is neither. */
export function addRange(list: BlockList, range: string): void {
  const [text = '', length, ...more] = String(range).split('/');
  const address = plainAddress(text);
  const family = address === undefined ? undefined : isIPv4(address) ? 'ipv4' : 'ipv6';
  const longest = family === 'ipv4' ? 32 : 128;
  // A range of mapped addresses (`::ffff:10.0.0.0/104`) is the IPv4 range.
  const mapped = family === 'ipv4' && text.includes(':') ? 96 : 0;
  const bits = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) - mapped : -1;
  if (address === undefined || family === undefined || bits < 0 || bits > longest || more.length > 0)
    throw new Error(`${JSON.stringify(String(range).slice(0, 60))} is no address and no range of addresses`);
  list.addSubnet(address, bits, family);
}
