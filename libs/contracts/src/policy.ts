/** Policies and settings of a service: how detections become alerts and decisions. */
import { z } from 'zod';
import { epochMs, serviceId } from './text.js';

/** monitor: alerts only. throttle: outliers are held to their learnt limit. block: outliers are refused. */
export const policyModeSchema = z.enum(['monitor', 'throttle', 'block']);
export type PolicyMode = z.infer<typeof policyModeSchema>;

/** No throttle or block for `rate` below this many requests an hour; alerts are not bound by it. The article's `base_limit`. */
const baseLimit = z.number().min(0).max(1_000_000_000);
/** How far above the expectation the limit lies; greater is more tolerant. The article's `sensitivity`. */
const sensitivity = z.number().min(0.1).max(100);

export const settingsSchema = z.object({ baseLimit: baseLimit.default(100), sensitivity: sensitivity.default(1.5) });
export type Settings = z.infer<typeof settingsSchema>;

/** A change of settings: what is absent stays as it is. */
export const settingsPatchSchema = z.strictObject({ baseLimit: baseLimit.optional(), sensitivity: sensitivity.optional() });

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
