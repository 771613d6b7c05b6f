/**
 * The text of a token, before any of it is trusted. Base64url as decoded by most libraries is malleable (unused bits,
 * padding, white space), so that one signature has many texts; only the canonical one passes. The header may name
 * algorithm, type and key, and nothing else: no `jku`, `jwk`, `x5u`, `x5c`, `crit`.
 */
import { z } from 'zod';

const MAX_CHARACTERS = 2_048;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const headerSchema = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal('at+jwt'),
  kid: z.string().regex(/^[\w-]{43}$/),
});
export type TokenHeader = z.output<typeof headerSchema>;

const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;

/** The header of a compact JWS (RFC 7515) that is one of ours by its form, or undefined. Says nothing about the signature. */
export function readTokenHeader(token: string): TokenHeader | undefined {
  if (token.length > MAX_CHARACTERS || !COMPACT.test(token) || !token.split('.').every(isCanonical)) return undefined;
  try {
    const text = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8');
    const header = headerSchema.safeParse(JSON.parse(text));
    return header.success ? header.data : undefined;
  } catch {
    return undefined;
  }
}
