/**
 * A credential leaves the host only as a keyed fingerprint: HMAC-SHA-256, cut to 128 bits. The key is derived from the
 * ingest key, of which Plimsoll stores a hash alone, so neither Plimsoll nor a thief of its database can try guesses.
 */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** `fingerprint(secret)` for one guard; the same text and key give the same fingerprint in every instance. */
export function fingerprinter(key: string): (secret: string) => string {
  const derived = createHash('sha256').update(`plimsoll credential fingerprint\n${key}`).digest();
  return (secret) => `cf_${createHmac('sha256', derived).update(secret).digest('base64url').slice(0, 22)}`;
}

/**
 * The credential that a request carries: Authorization, else X-API-Key, else the named session cookie. The scheme's
 * name is lower-cased, so that `bearer x` and `Bearer x` are one credential.
 */
export function credentialOf(headers: IncomingHttpHeaders, sessionCookie: string): string | undefined {
  const authorization = headers.authorization?.trim();
  if (authorization) {
    const [scheme = '', ...rest] = authorization.split(/\s+/);
    return `${scheme.toLowerCase()} ${rest.join(' ')}`;
  }
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string' && apiKey !== '') return `key ${apiKey}`;
  const session = headers.cookie === undefined ? undefined : cookieValue(headers.cookie, sessionCookie);
  return session ? `cookie ${session}` : undefined;
}

function cookieValue(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
