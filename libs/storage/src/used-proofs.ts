/**
 * DPoP proofs that were used, in Redis, for as long as they could be used again (RFC 9449, 11.1). One place for all admin
 * processes. By key and id, never by the proof's text, of which there are many for one signature.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * Uses a proof up.
 *
 * @param jkt thumbprint of its key. @param jti its id: a client's text, and hashed here.
 * @returns false where it was used before. Throws where Redis does not answer: then nobody knows, and nobody may get in.
 */
export async function useProof(redis: Redis, namespace: string, jkt: string, jti: string, ttlMs: number): Promise<boolean> {
  const id = createHash('sha256').update(jti).digest('base64url');
  return (await redis.set(`${namespace}:proof:${jkt}:${id}`, '1', 'PX', ttlMs, 'NX')) === 'OK';
}
