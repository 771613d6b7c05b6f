/**
 * The text of a token or a proof, before any of it is trusted. Base64url as decoded by most libraries is malleable (unused
 * bits, padding, white space), so that one signature has many texts; only the canonical one passes. A header may name what
 * its schema names and nothing else: no `jku`, `x5u`, `x5c`, `crit`.
 */
import { z } from 'zod';

const MAX_CHARACTERS = 4_096;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export const tokenHeaderSchema = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal('at+jwt'),
  kid: z.string().regex(/^[\w-]{43}$/),
});

const coordinate = z.string().regex(/^[\w-]{43}$/);
/** The key stands in the header and is public: a member `d`, or any that we do not know, is refused. */
export const proofHeaderSchema = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal('dpop+jwt'),
  jwk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
});

const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;

/** The header of a compact JWS (RFC 7515) that is as `schema` says, or undefined. Says nothing about the signature. */
export function readHeader<T extends z.ZodType>(jws: string, schema: T): z.output<T> | undefined {
  if (jws.length > MAX_CHARACTERS || !COMPACT.test(jws) || !jws.split('.').every(isCanonical)) return undefined;
  const header = schema.safeParse(readJson(Buffer.from(jws.slice(0, jws.indexOf('.')), 'base64url')));
  return header.success ? header.data : undefined;
}

/** undefined where it is no JSON, so that any schema refuses it. */
export function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
