/**
 * The chain of addresses in front of this server, as the one header that the host trusts states it: X-Forwarded-For, or
 * Forwarded (RFC 7239). Linear in the header's length; whatever is not well-formed makes the whole header worthless,
 * since a parser that guesses is what a forger needs.
 */
import type { IncomingHttpHeaders } from 'node:http';

export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

/** Node identifiers from the client's side to ours, unread; undefined where the header is absent or malformed. */
export function forwardedChain(headers: IncomingHttpHeaders, header: ForwardedHeader): string[] | undefined {
  const value = headers[header];
  const text = Array.isArray(value) ? value.join(',') : value;
  if (text === undefined) return undefined;
  return header === 'forwarded' ? forNodes(text) : text.split(',').map((entry) => entry.trim());
}

// One parameter: its name, its value as a token or a quoted string, and what separates it from the next.
const PAIR =
  /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*)"|([^\s",;=\x00-\x1f\x7f]+))[ \t]*(;|,|$)/y;

/** The `for` of each element; an empty text where an element has none, undefined where the header is malformed. */
export function forNodes(text: string): string[] | undefined {
  const nodes: string[] = [];
  let node: string | undefined;
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const pair = PAIR.exec(text);
    if (!pair) return undefined;
    const [, name = '', quoted, token, separator] = pair;
    if (name.toLowerCase() === 'for') {
      if (node !== undefined) return undefined; // Two in one element: which one would it be?
      node = quoted === undefined ? (token ?? '') : quoted.replace(/\\(.)/g, '$1');
    }
    if (separator === ';') {
      if (PAIR.lastIndex === text.length) return undefined;
      continue;
    }
    nodes.push(node ?? '');
    node = undefined;
    if (separator === ',' && PAIR.lastIndex === text.length) return undefined;
    if (separator === '') break;
  }
  return nodes.length === 0 ? undefined : nodes;
}
