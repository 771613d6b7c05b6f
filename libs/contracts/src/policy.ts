/** Services, their policies and keys. */
import { z } from 'zod';
import { keyScopes, policyModes } from './names.js';
import { settingsSchema } from './settings.js';
import { epochMs, serviceId } from './text.js';

export const policyModeSchema = z.enum(policyModes);
export type PolicyMode = z.infer<typeof policyModeSchema>;

/** Days after their receipt for which request logs are kept. */
export const historyDaysSchema = z.int().min(1).max(3_650);

export const serviceSchema = z.object({
  id: serviceId,
  environment: z.string(),
  team: z.string(),
  policy: policyModeSchema,
  /** What policies decide is only recorded, never enforced. What persons decide is enforced all the same. */
  dryRun: z.boolean(),
  settings: settingsSchema,
  /** Of its request logs; null: what the installation says (`PLIMSOLL_HISTORY_DAYS`). */
  historyDays: historyDaysSchema.nullable(),
  createdAt: epochMs,
});
export type Service = z.infer<typeof serviceSchema>;

export const keyScopeSchema = z.enum(keyScopes);
export type KeyScope = z.infer<typeof keyScopeSchema>;

export const keySchema = z.object({
  id: z.string(),
  service: serviceId,
  name: z.string(),
  /** Public part of the key; the secret is shown once and stored as a hash. */
  prefix: z.string(),
  scopes: z.array(keyScopeSchema),
  /** Whether its batches must be signed by a registered instance. */
  requireSignedBatches: z.boolean(),
  createdAt: epochMs,
  lastUsedAt: epochMs.nullable(),
  revokedAt: epochMs.nullable(),
  /** From then on it opens nothing; null: it has no end. */
  expiresAt: epochMs.nullable(),
});
export type Key = z.infer<typeof keySchema>;
