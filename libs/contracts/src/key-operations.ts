/** The operations of the admin API about API keys; a part of admin-api.ts. */
import { z } from 'zod';
import { idParam, operation, personLine } from './operation.js';
import { keySchema, keyScopeSchema } from './policy.js';

export const keyOperations = {
  keys: operation({
    action: 'key.read',
    method: 'GET',
    path: '/api/services/{id}/keys',
    tag: 'services',
    summary: 'Ingest keys of a service',
    params: idParam,
    response: z.object({ items: z.array(keySchema) }),
    status: 200,
  }),
  createKey: operation({
    action: 'key.create',
    method: 'POST',
    path: '/api/services/{id}/keys',
    tag: 'services',
    summary: 'Create an API key; its secret is in this answer only',
    params: idParam,
    body: z.strictObject({
      name: personLine(60),
      scopes: z.array(keyScopeSchema).min(1).max(4).default(['ingest:write', 'decisions:read']),
      requireSignedBatches: z.boolean().default(false),
      /** Without it the key has no end. */
      expiresInDays: z.int().min(1).max(3_650).optional(),
    }),
    response: keySchema.extend({ secret: z.string() }),
    status: 201,
    danger: 'step-up',
  }),
  updateKey: operation({
    action: 'key.update',
    method: 'PATCH',
    path: '/api/keys/{id}',
    tag: 'services',
    summary: 'Say whether batches sent with a key must be signed',
    params: idParam,
    body: z.strictObject({ requireSignedBatches: z.boolean() }),
    response: keySchema,
    status: 200,
    danger: 'step-up',
  }),
  rotateKey: operation({
    action: 'key.update',
    method: 'POST',
    path: '/api/keys/{id}/rotate',
    tag: 'services',
    summary: 'Make a key of the same name and scopes; the old one ends after an overlap',
    params: idParam,
    body: z.strictObject({
      /** How long both keys open the door, so that senders can be changed one by one. */
      overlapHours: z.number().min(0).max(2_160).default(24),
      expiresInDays: z.int().min(1).max(3_650).optional(),
    }),
    response: keySchema.extend({ secret: z.string() }),
    status: 201,
    danger: 'step-up',
  }),
  revokeKey: operation({
    action: 'key.revoke',
    method: 'DELETE',
    path: '/api/keys/{id}',
    tag: 'services',
    summary: 'Revoke an ingest key',
    params: idParam,
    response: keySchema,
    status: 200,
    danger: 'step-up',
  }),
} as const;
