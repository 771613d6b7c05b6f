/**
 * Verifies DPoP proofs (RFC 9449): that who uses a token holds the key it was bound to. All the rules of section 4.3, no
 * downgrade to a bearer token, replay protection. What cannot be decided is refused.
 */
import { createHash } from 'node:crypto';
import { type CompactJws, isSigned, type JwsAlgorithm, publicKeyOf, readJws } from './compact-jws.js';
import { NONCE_MS, Nonces } from './dpop-nonces.js';
import { MemoryReplays, type Replays } from './dpop-replays.js';

export interface DpopOptions {
  /** As clients see this server, `https://api.example.com`: what a proof is about is never taken from Host or Forwarded. */
  origin: string;
  /** ES256 and EdDSA (Ed25519) by default. */
  algorithms?: readonly JwsAlgorithm[];
  /** How far a proof's clock may be off, seconds; 60 by default, at most 600. */
  windowSeconds?: number;
  /** At least 32 bytes, the same in all instances: then each proof needs a nonce of the server. */
  nonceSecret?: string | Uint8Array;
  /** Where used proofs are remembered; in this process by default. Share it where there are several instances. */
  replays?: Replays;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface DpopRequest {
  /** The DPoP header fields: `request.headersDistinct.dpop`, since two of them have to be refused. */
  proof: readonly string[] | undefined;
  method: string;
  /** Of the request, as the client sees it below the origin: `/orders/7?x=1`. */
  path: string;
  /** The Authorization header, where a token is used; none at the token endpoint. */
  authorization?: string | undefined;
  /** Thumbprint that the token is bound to (`cnf.jkt`), or a refresh token's. */
  boundTo?: string | undefined;
}

/** Which rule was broken; for the host's logs. */
export type DpopFault =
  | 'no-proof'
  | 'several-proofs'
  | 'malformed'
  | 'typ'
  | 'alg'
  | 'jwk'
  | 'crit'
  | 'signature'
  | 'claims'
  | 'method'
  | 'url'
  | 'time'
  | 'no-nonce'
  | 'nonce'
  | 'scheme'
  | 'token'
  | 'key'
  | 'replayed'
  | 'unavailable';

export type DpopOutcome =
  /** `thumbprint` names the key: bind tokens to it. `nonce` is for the DPoP-Nonce field of the answer. */
  | { type: 'valid'; thumbprint: string; nonce: string | undefined }
  /** `status` and `headers` are those of a resource server; a token endpoint answers 400 with `error` in its JSON. */
  | { type: 'refused'; fault: DpopFault; error: string; status: 401 | 503; headers: Record<string, string> };

const MAX_JTI = 256;

export class Dpop {
  readonly #origin: URL;
  readonly #algorithms: readonly JwsAlgorithm[];
  readonly #windowMs: number;
  readonly #nonces: Nonces | undefined;
  readonly #replays: Replays;
  readonly #now: () => number;

  /** Throws where the options cannot work: a server that cannot verify must not start. */
  constructor({
    origin,
    algorithms = ['ES256', 'EdDSA'],
    windowSeconds = 60,
    nonceSecret,
    replays,
    now = Date.now,
  }: DpopOptions) {
    this.#origin = new URL(origin);
    if (!/^https?:$/.test(this.#origin.protocol) || this.#origin.pathname !== '/') throw new Error('`origin` is no origin');
    if (!(windowSeconds > 0 && windowSeconds <= 600)) throw new Error('`windowSeconds` is not between 0 and 600');
    this.#algorithms = algorithms;
    this.#windowMs = windowSeconds * 1000;
    this.#nonces = nonceSecret === undefined ? undefined : new Nonces(nonceSecret);
    this.#now = now;
    this.#replays = replays ?? new MemoryReplays(now);
  }

  /** Never throws or rejects. */
  async verify(request: DpopRequest): Promise<DpopOutcome> {
    const now = this.#now();
    const read = this.#read(request, now);
    if (typeof read === 'string') return this.#refused(read, now);
    const { thumbprint, jti } = read;
    // Last: a proof that is refused for another reason must not cost its owner the right one.
    try {
      const id = createHash('sha256').update(jti).digest('base64url');
      const untilMs = now + Math.max(2 * this.#windowMs, this.#nonces ? NONCE_MS : 0);
      if (!(await this.#replays.burn(thumbprint, id, untilMs))) return this.#refused('replayed', now);
    } catch {
      return this.#refused('unavailable', now);
    }
    return { type: 'valid', thumbprint, nonce: this.#nonces?.at(now) };
  }

  #read(request: DpopRequest, now: number): DpopFault | { thumbprint: string; jti: string } {
    const [proof, ...others] = request.proof ?? [];
    if (proof === undefined) return 'no-proof';
    // Node joins fields of one name by a comma.
    if (others.length > 0 || proof.includes(',')) return 'several-proofs';
    const jws = readJws(proof);
    if (!jws) return 'malformed';
    const { header, payload } = jws;
    if (header['typ'] !== 'dpop+jwt') return 'typ';
    const algorithm = this.#algorithms.find((one) => one === header['alg']);
    if (algorithm === undefined) return 'alg';
    // Extensions that must be understood, and keys from elsewhere, are none of ours.
    if (['crit', 'b64', 'jku', 'x5u', 'x5c'].some((name) => Object.hasOwn(header, name))) return 'crit';
    const signer = publicKeyOf(header['jwk'], algorithm);
    if (!signer) return 'jwk';
    if (!isSigned(jws, signer.key, algorithm)) return 'signature';
    const { jti } = payload;
    if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI || typeof payload['htm'] !== 'string') return 'claims';
    const fault = this.#about(jws, request) ?? this.#fresh(jws, now) ?? boundTo(jws, request, signer.thumbprint);
    return fault ?? { thumbprint: signer.thumbprint, jti };
  }

  /** Is it about this request? */
  #about({ payload }: CompactJws, { method, path }: DpopRequest): DpopFault | undefined {
    const { htm, htu } = payload;
    if (htm !== method) return 'method';
    const own = placeOf(this.#origin.origin + (path.startsWith('/') ? path : `/${path}`));
    return typeof htu === 'string' && own !== undefined && placeOf(htu) === own ? undefined : 'url';
  }

  /** Dated by the server's nonce where there are nonces, else by the client's clock. */
  #fresh({ payload }: CompactJws, now: number): DpopFault | undefined {
    const { iat, nonce } = payload;
    if (typeof iat !== 'number' || !Number.isFinite(iat)) return 'claims';
    if (this.#nonces) {
      if (nonce === undefined) return 'no-nonce';
      return typeof nonce === 'string' && this.#nonces.accepts(nonce, now) ? undefined : 'nonce';
    }
    return Math.abs(now - iat * 1000) <= this.#windowMs ? undefined : 'time';
  }

  #refused(fault: DpopFault, now: number): DpopOutcome {
    const error = errorOf(fault);
    const nonce: Record<string, string> = this.#nonces ? { 'dpop-nonce': this.#nonces.at(now) } : {};
    const challenge = `DPoP error="${error}", algs="${this.#algorithms.join(' ')}"`;
    const headers = { 'www-authenticate': challenge, 'cache-control': 'no-store', ...nonce };
    return { type: 'refused', fault, error, status: fault === 'unavailable' ? 503 : 401, headers };
  }
}

function errorOf(fault: DpopFault): string {
  if (fault === 'no-nonce' || fault === 'nonce') return 'use_dpop_nonce';
  if (fault === 'scheme' || fault === 'token' || fault === 'key') return 'invalid_token';
  return fault === 'unavailable' ? 'temporarily_unavailable' : 'invalid_dpop_proof';
}

/** A bound token is used by its key alone, and never as a bearer token (RFC 9449, 7.1 and 7.2). */
function boundTo({ payload }: CompactJws, request: DpopRequest, thumbprint: string): DpopFault | undefined {
  if (request.authorization !== undefined) {
    const token = /^DPoP ([A-Za-z0-9._~+/-]+=*)$/i.exec(request.authorization)?.[1];
    if (token === undefined) return 'scheme';
    if (payload['ath'] !== createHash('sha256').update(token).digest('base64url')) return 'token';
    if (request.boundTo === undefined) return 'key';
  }
  return request.boundTo === undefined || request.boundTo === thumbprint ? undefined : 'key';
}

/** Scheme, host and path in normal form (RFC 3986, 6.2.2 and 6.2.3), without query and fragment. */
function placeOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, username, password, pathname } = new URL(text);
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '') return undefined;
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (triplet) => {
    const letter = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : triplet.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
}
