/** Services, their policies and keys. */
import { z } from 'zod';
import { settingsSchema } from './settings.js';
import { epochMs, serviceId } from './text.js';

/** monitor: alerts only. throttle: outliers are held to their learnt limit. block: outliers are refused. */
export const policyModeSchema = z.enum(['monitor', 'throttle', 'block']);
export type PolicyMode = z.infer<typeof policyModeSchema>;

export const serviceSchema = z.object({
  id: serviceId,
  environment: z.string(),
  team: z.string(),
  policy: policyModeSchema,
  settings: settingsSchema,
  createdAt: epochMs,
});
export type Service = z.infer<typeof serviceSchema>;

export const keySchema = z.object({
  id: z.string(),
  service: serviceId,
  name: z.string(),
  /** Public part of the key; the secret is shown once and stored as a hash. */
  prefix: z.string(),
  createdAt: epochMs,
  lastUsedAt: epochMs.nullable(),
  revokedAt: epochMs.nullable(),
});
export type Key = z.infer<typeof keySchema>;
