/**
 * ES256 keys as rows: a fresh pair, its RFC 7638 thumbprint, and the private part sealed by AES-256-GCM under one of the
 * installation's secrets with the public part as additional data. A row that somebody wrote into a table without that
 * secret does not open, and so is not trusted, neither to sign nor to verify.
 */
import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, createHash, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';

/** RFC 7517 with RFC 7638's thumbprint as `kid`. */
export interface PublicJwk {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
  kid: string;
  alg: 'ES256';
  use: 'sig';
}

export interface SealedKey {
  kid: string;
  publicJwk: PublicJwk;
  /** Sealed. */
  privateJwk: string;
}

/** What RFC 7638 hashes: the required members in lexicographic order, without spaces. */
export const canonicalJwk = ({ x, y }: { x: string; y: string }): string => JSON.stringify({ crv: 'P-256', kty: 'EC', x, y });

/** @param secret 32 bytes. */
export function newSealedKey(secret: Buffer): SealedKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
  const kid = createHash('sha256').update(canonicalJwk({ x, y })).digest('base64url');
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' };
  return { kid, publicJwk, privateJwk: seal(JSON.stringify(privateKey.export({ format: 'jwk' })), publicJwk, secret) };
}

/** The private key, or undefined where it was sealed under another secret, or not by us. */
export function unsealKey(row: { kid: string; publicJwk: unknown; privateJwk: string }, secret: Buffer): KeyObject | undefined {
  const bytes = Buffer.from(row.privateJwk, 'base64url');
  const publicJwk = row.publicJwk as PublicJwk;
  if (bytes.length < 29 || publicJwk.kid !== row.kid) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12)).setAAD(boundTo(publicJwk));
    decipher.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    return createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** jsonb does not keep the order of members, so the bound text is built from them one by one. */
const boundTo = ({ kty, crv, x, y, kid, alg, use }: PublicJwk) => Buffer.from(JSON.stringify([kty, crv, x, y, kid, alg, use]));

function seal(text: string, publicJwk: PublicJwk, secret: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(boundTo(publicJwk));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}
