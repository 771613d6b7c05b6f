/**
 * Privacy of the people whose requests Plimsoll watches: their ids shown under pseudonyms, the name behind one revealed, and
 * one actor erased everywhere. A part of admin-api.ts.
 */
import { z } from 'zod';
import { PSEUDONYM_FORM } from './names.js';
import { operation, personText } from './operation.js';
import { clientText, epochMs } from './text.js';

/** 96 bits of a keyed hash, base64url: stands for an actor's id wherever one may stand. */
export const pseudonymSchema = z.string().regex(PSEUDONYM_FORM, 'a pseudonym, anon_ and 16 characters');

/** Where an actor was looked for, what was removed there, and what is left. */
export const erasedPartSchema = z.object({
  place: z.string(),
  /** Rows, entries or lines that were removed or in which the id was replaced. */
  count: z.int(),
});
export const keptPartSchema = z.object({ place: z.string(), why: z.string() });

/** An erasure; whom it was about is nowhere in it but in the pseudonym. */
export const erasureSchema = z.object({
  id: z.string(),
  pseudonym: pseudonymSchema,
  askedAt: epochMs,
  /** Name of the person who asked; a shell of the machine is `command line`. */
  askedBy: z.string(),
  reason: z.string(),
  /** Null while stores are still being gone through. */
  doneAt: epochMs.nullable(),
  erased: z.array(erasedPartSchema),
  kept: z.array(keptPartSchema),
});
export type Erasure = z.infer<typeof erasureSchema>;

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
  eraseActor: operation({
    action: 'actor.erase',
    method: 'POST',
    path: '/api/privacy/erasures',
    tag: 'privacy',
    summary: 'Remove an actor from every store: alerts, decisions, baselines, request history. Cannot be undone',
    body: z.strictObject({ actor: clientText(768), reason: personText }),
    response: erasureSchema,
    status: 201,
    danger: 'step-up',
  }),
  erasures: operation({
    action: 'erasure.read',
    method: 'GET',
    path: '/api/privacy/erasures',
    tag: 'privacy',
    summary: 'The last hundred erasures with their reports, newest first',
    response: z.object({ items: z.array(erasureSchema) }),
    status: 200,
  }),
} as const;
