/** A client that proves its key, rightly or in any wrong way: header and payload are changed before they are signed. */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export class Prover {
  readonly #privateKey: KeyObject;
  readonly jwk: Record<string, string>;

  constructor(readonly alg: 'ES256' | 'EdDSA' = 'ES256') {
    const { privateKey, publicKey } =
      alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    this.jwk = publicKey.export({ format: 'jwk' }) as Record<string, string>;
  }

  get thumbprint(): string {
    const { crv, kty, x, y } = this.jwk;
    return createHash('sha256')
      .update(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y }))
      .digest('base64url');
  }

  get privateJwk(): Record<string, string> {
    return this.#privateKey.export({ format: 'jwk' }) as Record<string, string>;
  }

  proof(claims: Record<string, unknown>, header: Record<string, unknown> = {}): string {
    const input = `${encode({ typ: 'dpop+jwt', alg: this.alg, jwk: this.jwk, ...header })}.${encode({ jti: randomUUID(), ...claims })}`;
    return `${input}.${this.signature(input)}`;
  }

  signature(input: string): string {
    const digest = this.alg === 'ES256' ? 'sha256' : null;
    return sign(digest, Buffer.from(input), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  }
}

export const athOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
