/**
 * Whom the SDK believes: the key that its API key pins, and those that it endorsed, one after the other. Nothing that
 * comes over the network is trusted by itself: there is no trust on first use. Checks are detached JWS by ES256 over
 * exactly the bytes that came (RFC 7515 appendix F, RFC 7797), with the one header that Plimsoll writes.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { FeedSignatureType } from '@plimsoll/contracts';

export interface KeyText {
  /** Public part of the API key. */
  prefix: string;
  /** The first characters of the pinned key's thumbprint (RFC 7638); undefined in keys that only send. */
  pin: string | undefined;
}

/** A key a month for twenty years. */
const MAX_SUCCESSORS = 240;
const KEY_TEXT = /^plim_([0-9A-Za-z]{12})_[\w-]{43}(?:_([\w-]{22}))?$/;
const COORDINATE = /^[\w-]{43}$/;
const SIGNATURE = /^[\w-]{86}$/;

/** The public parts of an API key, or undefined where the text is none. */
export function keyText(text: string): KeyText | undefined {
  const parts = KEY_TEXT.exec(text);
  return parts === null ? undefined : { prefix: parts[1] ?? '', pin: parts[2] };
}

interface Trusted {
  kid: string;
  key: KeyObject;
}

export class FeedKeyChain {
  /** The newest key and the one before: while a ring turns, one server may sign with either. */
  #trusted: Trusted[] = [];
  #length = 0;

  constructor(private readonly pin: string) {}

  /** Takes a `keys` event over; false where it does not lead from the pinned key to others, or to fewer than are known. */
  learn(text: string): boolean {
    const chain = this.#walk(parse(text));
    if (chain === undefined || chain.length < this.#length) return false;
    this.#length = chain.length;
    this.#trusted = chain.slice(-2);
    return true;
  }

  /** Is `jws` the signature of a trusted key over these bytes? */
  holds(typ: FeedSignatureType, payload: Buffer, jws: string): boolean {
    return this.#trusted.some((trusted) => signedBy(trusted, typ, payload, jws));
  }

  #walk(keys: unknown): Trusted[] | undefined {
    if (!isFields(keys) || !isFields(keys['pinned']) || !Array.isArray(keys['successors'])) return undefined;
    if (keys['successors'].length > MAX_SUCCESSORS) return undefined;
    const pinned = toKey(keys['pinned']);
    if (pinned === undefined || !pinned.kid.startsWith(this.pin)) return undefined;
    const chain: Trusted[] = [pinned];
    for (const successor of keys['successors'] as unknown[]) {
      const next = isFields(successor) ? toKey(successor) : undefined;
      const endorser = chain.at(-1);
      if (next === undefined || endorser === undefined || !isFields(successor)) return undefined;
      if (!signedBy(endorser, 'plimsoll-feed-key', next.canonical, successor['jws'])) return undefined;
      chain.push(next);
    }
    return chain;
  }
}

/** Node checks that the point lies on the curve; what does not is no key. */
function toKey({ x, y }: Record<string, unknown>): (Trusted & { canonical: Buffer }) | undefined {
  if (typeof x !== 'string' || typeof y !== 'string' || !COORDINATE.test(x) || !COORDINATE.test(y)) return undefined;
  const canonical = Buffer.from(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }));
  try {
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    return { kid: createHash('sha256').update(canonical).digest('base64url'), key, canonical };
  } catch {
    return undefined;
  }
}

function signedBy({ kid, key }: Trusted, typ: FeedSignatureType, payload: Buffer, jws: unknown): boolean {
  // The header is not read but made and compared, so that nothing in it can choose how it is checked.
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', b64: false, crit: ['b64'], kid, typ })).toString('base64url');
  if (typeof jws !== 'string' || !jws.startsWith(`${header}..`)) return false;
  const signature = jws.slice(header.length + 2);
  if (!SIGNATURE.test(signature)) return false;
  const bytes = Buffer.concat([Buffer.from(`${header}.`), payload]);
  return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
