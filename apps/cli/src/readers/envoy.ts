/**
 * Envoy's default text access log, and Istio's longer form of it: `[time] "request" status flags ... received sent
 * duration upstream "forwarded for" "agent" ...`. The client is the first forwarded address, else the peer that
 * Istio names as the downstream's remote address.
 */
import { firstAddress, plainAddress } from './address.js';
import { present, type Reading, readingOf } from './reading.js';
import { isoTime, requestLine } from './request-line.js';
import { type Token, tokensOf } from './tokens.js';

export function readEnvoyLine(line: string): Reading {
  const [time, request, status, ...rest] = tokensOf(line);
  const ts = time?.kind === 'bracket' ? isoTime(time.text) : undefined;
  if (ts === undefined) return { reason: 'no [time] at its start' };
  const parsed = request?.kind === 'quote' ? requestLine(request.text) : undefined;
  if (!parsed) return { reason: 'no HTTP request between the quotes' };
  const numbersAt = rest.findIndex((_, at) => rest.slice(at, at + 3).every(isCount) && rest[at + 3]?.kind === 'word');
  if (numbersAt < 0) return { reason: 'no sizes and duration after the status' };
  const [received, sent, duration, , forwarded, agent] = rest.slice(numbersAt);
  const ip = firstAddress(forwarded?.text ?? '') ?? peer(rest.slice(numbersAt + 9));
  if (ip === undefined) return { reason: 'no client address: neither forwarded nor downstream' };
  return readingOf({
    ts,
    method: parsed.method,
    path: parsed.target,
    status: Number(status?.text),
    durationMs: Number(duration?.text ?? 0),
    bytesIn: Number(received?.text ?? 0),
    bytesOut: Number(sent?.text ?? 0),
    ip,
    userAgent: present(agent?.text) ?? '',
  });
}

const isCount = (token: Token) => token.kind === 'word' && /^\d{1,15}$/.test(token.text);

/** Behind the upstream host Istio writes: cluster, local address of the upstream, local and remote one of the downstream. */
function peer(tokens: Token[]): string | undefined {
  return plainAddress(tokens[3]?.text ?? '');
}
