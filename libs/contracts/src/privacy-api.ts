/**
 * Privacy of the people whose requests Plimsoll watches: their ids shown under pseudonyms, and the id behind one revealed. A part
 * of admin-api.ts.
 */
import { z } from 'zod';
import { operation, personText } from './operation.js';

/** 96 bits of a keyed hash, base64url: stands for an actor's id wherever one may stand. */
export const PSEUDONYM = /anon_[\w-]{16}(?![\w-])/g;
export const pseudonymSchema = z.string().regex(/^anon_[\w-]{16}$/, 'a pseudonym, anon_ and 16 characters');

export const privacyOperations = {
  privacy: operation({
    action: 'privacy.read',
    method: 'GET',
    path: '/api/privacy',
    tag: 'privacy',
    summary: 'Whether actors are shown under pseudonyms',
    response: z.object({ pseudonyms: z.boolean() }),
    status: 200,
  }),
  setPseudonyms: operation({
    action: 'privacy.set',
    method: 'POST',
    path: '/api/privacy/pseudonyms',
    tag: 'privacy',
    summary: 'Show actors under pseudonyms to everybody, or under their ids',
    body: z.strictObject({ on: z.boolean() }),
    response: z.object({ pseudonyms: z.boolean() }),
    status: 200,
    danger: 'step-up',
  }),
  revealActor: operation({
    action: 'actor.reveal',
    method: 'POST',
    path: '/api/privacy/reveal',
    tag: 'privacy',
    summary: 'The id behind a pseudonym; who asked, and why, is in the audit',
    body: z.strictObject({ pseudonym: pseudonymSchema, reason: personText }),
    response: z.object({ id: z.string() }),
    status: 200,
  }),
} as const;
