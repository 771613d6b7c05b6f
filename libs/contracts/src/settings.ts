/**
 * What a service's owner can tune, and the default of each. Detection reads these and nothing else: the worker takes them
 * from the service's row, `plimsoll replay --settings` from a file. Tuning of an endpoint comes before that of a group,
 * that before the service's own.
 */
import { z } from 'zod';
import { alertKindSchema } from './alert.js';
import { cleanText, clientText } from './text.js';

/** No throttle or block for `rate` and `drift` below this many requests an hour; alerts are not bound by it. The article's `base_limit`. */
const baseLimit = z.number().min(0).max(1_000_000_000);
/** How far above the expectation the limit lies; greater is more tolerant. The article's `sensitivity`. */
const sensitivity = z.number().min(0.1).max(100);

/** on: alerts, and decisions by the policy. monitor: alerts alone. off: not looked for. */
export const kindModeSchema = z.enum(['on', 'monitor', 'off']);
export type KindMode = z.infer<typeof kindModeSchema>;
const kinds = z.partialRecord(alertKindSchema, kindModeSchema);

/** An IP address, or a range in CIDR notation. */
export const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'an IP address, or a range such as 10.0.0.0/8');
/** `METHOD /route/:param`. */
const endpointName = z
  .string()
  .max(768)
  .regex(/^[A-Z*-]{1,20} \//, 'METHOD /route')
  .transform(cleanText);

const tuning = { baseLimit: baseLimit.optional(), sensitivity: sensitivity.optional(), kinds: kinds.optional() };

/** Never accused, whatever they do: kept out of what is learnt too. */
export const allowListSchema = z.strictObject({
  actors: z.array(clientText(256)).max(1_000).default([]),
  addresses: z.array(addressRange).max(1_000).default([]),
  credentials: z.array(clientText(128)).max(1_000).default([]),
});
export type AllowList = z.infer<typeof allowListSchema>;

/** Actors that are known to be of one sort. `actors`: ids, a `*` at the end stands for anything. The first group that matches holds. */
export const actorGroupSchema = z.strictObject({
  name: clientText(60),
  actors: z.array(clientText(256)).max(1_000).default([]),
  addresses: z.array(addressRange).max(1_000).default([]),
  ...tuning,
});
export type ActorGroup = z.infer<typeof actorGroupSchema>;

/** `sensitive`: worth more to a thief (money, secrets, personal data); left out, its name decides. */
export const endpointTuningSchema = z.strictObject({ endpoint: endpointName, sensitive: z.boolean().optional(), ...tuning });
export type EndpointTuning = z.infer<typeof endpointTuningSchema>;

/** A business flow: a step needs the one before it. */
export const flowSchema = z.strictObject({ name: clientText(60), steps: z.array(endpointName).min(2).max(20) });
export type Flow = z.infer<typeof flowSchema>;

const fields = {
  baseLimit,
  sensitivity,
  /** Alerts a day that the team can look at; 0: no budget. When more open, all limits are stretched until it fits. */
  alertBudget: z.int().min(0).max(100_000),
  kinds,
  allow: allowListSchema,
  groups: z.array(actorGroupSchema).max(50),
  endpoints: z.array(endpointTuningSchema).max(500),
  flows: z.array(flowSchema).max(50),
  /** Whether flows are also learnt from what most actors do. */
  learnFlows: z.boolean(),
};

export const settingsSchema = z.object({
  baseLimit: fields.baseLimit.default(100),
  sensitivity: fields.sensitivity.default(1.5),
  alertBudget: fields.alertBudget.default(100),
  kinds: fields.kinds.default({}),
  allow: fields.allow.prefault({}),
  groups: fields.groups.default([]),
  endpoints: fields.endpoints.default([]),
  flows: fields.flows.default([]),
  learnFlows: fields.learnFlows.default(true),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What holds where nothing was set. */
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({});

/** A change of settings: what is absent stays as it is; a list or table that is given replaces the whole of it. */
export const settingsPatchSchema = z.strictObject(fields).partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
