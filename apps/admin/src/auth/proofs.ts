/**
 * DPoP proofs (RFC 9449): that who sends a request holds the key that it says. All rules of section 4.3, with a nonce of ours
 * in each and the digest of the body, which the RFC leaves out. What a proof is about is computed from the configured public
 * origin, never from Host or Forwarded. Whose key it may be is for the caller to say.
 */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import { z } from 'zod';
import { type Context, InjectContext } from '../context.js';
import { Nonces } from './nonces.js';
import { proofHeaderSchema, readHeader, readJson } from './token-text.js';

/** Imported keys that are remembered; the longest unused is imported again. */
const MAX_KEYS = 1_000;

export interface Proved {
  /** What the request carries: `headersDistinct.dpop`, since two of them have to be refused. */
  proofs: readonly string[] | undefined;
  method: string;
  /** As the client asked for it, below our origin; the query does not matter. */
  path: string;
  /** The socket's handshake is of the scheme `ws`. */
  socket?: boolean;
  /** The access token that comes with it. */
  accessToken?: string | undefined;
  /** {@link digestOf} the body, where there is one. */
  body?: string | undefined;
}

export interface Proof {
  /** RFC 7638 thumbprint of the key. */
  jkt: string;
  jti: string;
  /** How often the browser has refreshed, where it says so. */
  count: number | undefined;
}

export type ProofFault = 'missing' | 'several' | 'form' | 'signature' | 'claims' | 'method' | 'url' | 'nonce' | 'token' | 'body';
export type ProofOutcome = ({ type: 'good' } & Proof) | { type: 'faulty'; fault: ProofFault };

const claimsSchema = z.object({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  nonce: z.string().optional(),
  ath: z.string().optional(),
  bdh: z.string().optional(),
  cnt: z.int().positive().optional(),
});

/** SHA-256, base64url: of an access token for `ath`, of a body for `bdh`. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

@Injectable()
export class Proofs {
  private readonly nonces: Nonces;
  private readonly keys = new Map<string, Awaited<ReturnType<typeof importJWK>>>();

  constructor(@InjectContext() private readonly context: Context) {
    this.nonces = new Nonces(context.env.PLIMSOLL_MASTER_KEY);
  }

  /** What clients must put into their next proof. */
  get nonce(): string {
    return this.nonces.at(this.context.now());
  }

  /** Everything but whether it was used before. Never throws. */
  async check(about: Proved): Promise<ProofOutcome> {
    const [text, ...others] = about.proofs ?? [];
    if (text === undefined) return { type: 'faulty', fault: 'missing' };
    // Some layers join fields of one name by a comma.
    if (others.length > 0 || text.includes(',')) return { type: 'faulty', fault: 'several' };
    const header = readHeader(text, proofHeaderSchema);
    if (header === undefined) return { type: 'faulty', fault: 'form' };
    const jkt = await calculateJwkThumbprint(header.jwk);
    const payload = await this.payloadOf(text, jkt, header.jwk);
    if (payload === undefined) return { type: 'faulty', fault: 'signature' };
    const read = claimsSchema.safeParse(readJson(payload));
    if (!read.success) return { type: 'faulty', fault: 'claims' };
    const fault = this.faultOf(read.data, about);
    if (fault !== undefined) return { type: 'faulty', fault };
    return { type: 'good', jkt, jti: read.data.jti, count: read.data.cnt };
  }

  private async payloadOf(
    text: string,
    jkt: string,
    jwk: z.output<typeof proofHeaderSchema>['jwk'],
  ): Promise<Uint8Array | undefined> {
    try {
      const key = this.keys.get(jkt) ?? (await importJWK(jwk, 'ES256'));
      const { payload } = await compactVerify(text, key, { algorithms: ['ES256'] });
      this.remember(jkt, key);
      return payload;
    } catch {
      return undefined; // No point of the curve, or not signed by it.
    }
  }

  private remember(jkt: string, key: Awaited<ReturnType<typeof importJWK>>): void {
    this.keys.delete(jkt);
    this.keys.set(jkt, key);
    const [oldest] = this.keys.keys();
    if (this.keys.size > MAX_KEYS && oldest !== undefined) this.keys.delete(oldest);
  }

  /** `iat` is a number and no more than that: the nonce says when, and a laptop's clock may be off. */
  private faultOf(
    { htm, htu, nonce, ath, bdh }: z.output<typeof claimsSchema>,
    { method, path, socket = false, accessToken, body }: Proved,
  ): ProofFault | undefined {
    const { origin } = this.context.env.PUBLIC_URL;
    const own = placeOf((socket ? origin.replace(/^http/, 'ws') : origin) + path);
    if (htm !== method) return 'method';
    if (own === undefined || placeOf(htu) !== own) return 'url';
    if (ath !== (accessToken === undefined ? undefined : digestOf(accessToken))) return 'token';
    if (bdh !== body) return 'body';
    return nonce !== undefined && this.nonces.accepts(nonce, this.context.now()) ? undefined : 'nonce';
  }
}

/** Scheme, host and path in normal form (RFC 3986, 6.2.2 and 6.2.3), without query and fragment. */
function placeOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, username, password, pathname } = new URL(text);
  if (!/^(http|ws)s?:$/.test(protocol) || username !== '' || password !== '') return undefined;
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (triplet) => {
    const letter = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : triplet.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
}
