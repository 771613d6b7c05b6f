/**
 * What a page asks before its first proof, and whenever its nonce has grown old: the answer's DPoP-Nonce header has one, so
 * that no proof has to be refused first. It says beside it whether the browser sent a refresh token at all, whatever that is worth.
 */
import { z } from 'zod';

export const firstNonceSchema = z.object({ cookie: z.boolean() });
