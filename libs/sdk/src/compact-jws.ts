/**
 * A compact JWS with its public key in its header, read strictly (RFC 7515, RFC 7638): canonical base64url alone, one JSON
 * object a part, public keys alone. What two parsers could read differently is refused. node:crypto does the arithmetic.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

export type JwsAlgorithm = 'ES256' | 'EdDSA';
type Fields = Record<string, unknown>;

export interface CompactJws {
  header: Fields;
  payload: Fields;
  signature: Buffer;
  /** What is signed. */
  input: string;
}

const MAX_CHARS = 4_096;

/** The three parts, or undefined where the text is no such JWS. Says nothing of the signature. */
export function readJws(text: string): CompactJws | undefined {
  if (text.length > MAX_CHARS) return undefined;
  const [first = '', second = '', third = '', ...more] = text.split('.');
  const signature = bytesOf(third);
  const [header, payload] = [first, second].map((part) => objectIn(bytesOf(part)));
  if (more.length > 0 || !header || !payload || !signature || signature.length === 0) return undefined;
  return { header, payload, signature, input: `${first}.${second}` };
}

/** Strict base64url (RFC 4648, 5): no padding, no other letters, no spare bits set. */
export function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function objectIn(bytes: Buffer | undefined): Fields | undefined {
  if (!bytes || bytes.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

const kinds = { ES256: { kty: 'EC', crv: 'P-256' }, EdDSA: { kty: 'OKP', crv: 'Ed25519' } } as const;
/** Members of private and symmetric keys (RFC 7518, 6). */
const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** A public key of the algorithm, with its thumbprint (RFC 7638); undefined where `jwk` is none. */
export function publicKeyOf(jwk: unknown, algorithm: JwsAlgorithm): { key: KeyObject; thumbprint: string } | undefined {
  if (typeof jwk !== 'object' || jwk === null || SECRET.some((member) => Object.hasOwn(jwk, member))) return undefined;
  const { kty, crv, x, y } = jwk as Fields;
  const kind = kinds[algorithm];
  if (kty !== kind.kty || crv !== kind.crv || !isCoordinate(x)) return undefined;
  if (kty === 'EC' ? !isCoordinate(y) : y !== undefined) return undefined;
  const plain = kind.kty === 'EC' ? { ...ordered(kind), x, y: y as string } : { ...ordered(kind), x };
  try {
    const key = createPublicKey({ key: plain, format: 'jwk' });
    return { key, thumbprint: createHash('sha256').update(JSON.stringify(plain)).digest('base64url') };
  } catch {
    return undefined; // Not on the curve.
  }
}

/** In the order of RFC 7638: crv, kty, then the coordinates. */
const ordered = ({ crv, kty }: { crv: string; kty: string }) => ({ crv, kty });

const isCoordinate = (value: unknown): value is string => typeof value === 'string' && bytesOf(value)?.length === 32;

/** Is it signed by this key? */
export function isSigned({ input, signature }: CompactJws, key: KeyObject, algorithm: JwsAlgorithm): boolean {
  if (signature.length !== 64) return false;
  const digest = algorithm === 'ES256' ? 'sha256' : null;
  return verify(digest, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, signature);
}
