/**
 * A credential leaves the host only as a keyed fingerprint: HMAC-SHA-256, cut to 128 bits. The key is derived from the
 * ingest key, of which Plimsoll stores a hash alone, so neither Plimsoll nor a thief of its database can try guesses.
 */
import { createHash, createHmac, hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** `fingerprint(secret)` for one guard; the same text and key give the same fingerprint in every instance. */
export function fingerprinter(key: string): (secret: string) => string {
  const derived = createHash('sha256').update(`plimsoll credential fingerprint\n${key}`).digest();
  const quick = quickHmac(derived);
  return (secret) => `cf_${(quick(secret) ?? createHmac('sha256', derived).update(secret).digest('base64url')).slice(0, 22)}`;
}

const BLOCK = 64;
const LONGEST = 8_192;

/**
 * HMAC-SHA-256 (RFC 2104) of texts up to 8 KiB by two calls of Node's one-shot hash: it is asked of each request that
 * carries a credential, and an Hmac object costs up to six times as much. Undefined for longer texts.
 */
function quickHmac(key: Buffer): (text: string) => string | undefined {
  const inner = Buffer.alloc(BLOCK + LONGEST);
  const outer = Buffer.alloc(BLOCK + 32);
  // Keys of a SHA-256 hash are shorter than a block: padded with zeros.
  for (let index = 0; index < BLOCK; index += 1) {
    inner[index] = (key[index] ?? 0) ^ 0x36;
    outer[index] = (key[index] ?? 0) ^ 0x5c;
  }
  return (text) => {
    // A character is at most three bytes.
    if (text.length * 3 > LONGEST) return undefined;
    const end = BLOCK + inner.write(text, BLOCK, 'utf8');
    hash('sha256', inner.subarray(0, end), 'buffer').copy(outer, BLOCK);
    return hash('sha256', outer, 'base64url');
  };
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
