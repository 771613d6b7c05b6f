/**
 * The common and combined log formats of Apache, nginx and most others: `host ident user [time] "request" status bytes
 * "referer" "agent"`. Forgiving about what stands around it: a syslog prefix, a virtual host, a list of forwarded
 * addresses, more fields at the end. Fields behind the agent differ by site and are not guessed at.
 */
import { plainAddress } from './address.js';
import { present, type Reading, readingOf } from './reading.js';
import { clfTime, requestLine } from './request-line.js';
import { type Token, tokensOf } from './tokens.js';

/** One line -> one request log. A basic-auth user is the actor; where there is none, the address stands in. */
export function readAccessLine(line: string): Reading {
  const tokens = tokensOf(line);
  const timeAt = tokens.findIndex(({ kind, text }) => kind === 'bracket' && clfTime(text) !== undefined);
  if (timeAt < 0) return { reason: errorLog(line) ? 'a line of an error log' : 'no [time] of an access log' };
  const client = clientOf(tokens.slice(0, timeAt));
  if (!client) return { reason: 'no client address before the time' };
  const [request, status, bytes, referer, agent] = tokens.slice(timeAt + 1);
  if (request?.kind !== 'quote') return { reason: 'no "request" after the time' };
  const parsed = requestLine(request.text);
  if (!parsed) return { reason: 'no HTTP request between the quotes' };
  if (!/^\d{3}$/.test(status?.text ?? '')) return { reason: 'no status after the request' };
  return readingOf({
    ts: clfTime(tokens[timeAt]?.text ?? ''),
    method: parsed.method,
    path: parsed.target,
    status: Number(status?.text),
    bytesOut: /^\d{1,15}$/.test(bytes?.text ?? '') ? Number(bytes?.text) : 0,
    ip: client.address,
    userAgent: referer?.kind === 'quote' && agent?.kind === 'quote' ? (present(agent.text) ?? '') : '',
    ...(client.user === undefined ? {} : { actor: client.user }),
  });
}

/** The first address of the line is the client's; behind the last one come ident and user, which may hold spaces. */
function clientOf(tokens: Token[]): { address: string; user: string | undefined } | undefined {
  const addresses = tokens.map(({ text }) => plainAddress(text));
  const first = addresses.findIndex((address) => address !== undefined);
  const address = addresses[first];
  if (address === undefined) return undefined;
  let last = first;
  while (tokens[last]?.text.endsWith(',') && addresses[last + 1] !== undefined) last += 1;
  const user = tokens
    .slice(last + 2)
    .map(({ text }) => text)
    .join(' ');
  return { address, user: present(user) };
}

/** nginx: `2021/09/30 09:23:53 [error]`; Apache: `[Thu Sep 30 09:23:53.1 2021] [core:error]`. */
function errorLog(line: string): boolean {
  return /^(?:\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}:\d{2} \[\w+\]|\[[A-Z][a-z]{2} [A-Z][a-z]{2} [^\]]{1,40}\] \[)/.test(line);
}
