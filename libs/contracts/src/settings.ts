/**
 * What a service's owner can tune, and the default of each with its reason. Detection reads these and nothing else: the
 * worker takes them from the service's row, `plimsoll replay --settings` from a file. Tuning of an endpoint comes before
 * that of a group, that before the service's own. The descriptions are part of the OpenAPI document.
 */
import { z } from 'zod';
import { alertKindSchema } from './alert.js';
import { ladderSchema } from './ladder.js';
import { DEFAULT_SETTINGS } from './settings-defaults.js';
import { byRule } from './settings-rules.js';
import { clientText, endpointName } from './text.js';

/** No throttle or block for `rate` and `drift` below this pace. The article's `base_limit`. */
const baseLimit = z
  .number()
  .min(0)
  .max(1_000_000_000)
  .describe(
    'Requests an hour below which kinds rate and drift lead to no throttle or block; alerts are not bound by it. Default 100: what a person clicks in an hour harms no API',
  );
/** How far above the expectation the limit lies. The article's `sensitivity`. */
const sensitivity = z
  .number()
  .min(0.1)
  .max(100)
  .describe(
    'Stretches the distance from what is expected to the limit; greater is more tolerant. Default 1.5: the plain limit, one block in a million; 3 doubles the distance',
  );

/** on: alerts, and decisions by the policy. monitor: alerts alone. off: not looked for. */
export const kindModeSchema = z.enum(['on', 'monitor', 'off']);
export type KindMode = z.infer<typeof kindModeSchema>;
const kinds = z
  .partialRecord(alertKindSchema, kindModeSchema)
  .describe(
    'Mode of each kind of behaviour: on, monitor (alerts, never a decision) or off. Default: all on, since each kind stays silent until it is sure',
  );

/** An IP address, or a range in CIDR notation. */
export const addressRange = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'an IP address, or a range such as 10.0.0.0/8')
  .check(byRule('wholeRange'));
/** Ids of actors; a `*` at the end stands for anything. */
const actors = z
  .array(clientText(256))
  .max(1_000)
  .default([])
  .describe('Ids of authenticated actors; a * at the end stands for anything');
const addresses = z.array(addressRange).max(1_000).default([]).describe('IP addresses and ranges such as 10.0.0.0/8');
const credentials = z.array(clientText(128)).max(1_000).default([]).describe('Fingerprints of tokens and keys, never the secret');
const tuning = { baseLimit: baseLimit.optional(), sensitivity: sensitivity.optional(), kinds: kinds.optional() };

/** Never accused, whatever they do: kept out of what is learnt too. */
export const allowListSchema = z.strictObject({
  actors: actors.check(byRule('notEverybody')),
  addresses,
  credentials,
});
export type AllowList = z.infer<typeof allowListSchema>;

/** Whether ranges that are allowed hold, together, as many addresses as a /7 of IPv4 or a /15 of IPv6: more than anybody's own networks. */
export function isWide(ranges: readonly string[]): boolean {
  const share = { v4: 0, v6: 0 };
  for (const range of ranges) {
    const isV6 = range.includes(':');
    const bits = Number(range.split('/')[1] ?? (isV6 ? 128 : 32));
    // v4 mapped into v6 is v4 (the rule `wholeRange`).
    if (isV6 && /^[0:]*:ffff:/i.test(range)) share.v4 += 2 ** (96 - bits);
    else share[isV6 ? 'v6' : 'v4'] += 2 ** -bits;
  }
  return share.v4 >= 2 ** -7 || share.v6 >= 2 ** -15;
}

/** Whether an id of an actor stands for everybody whose id begins like it: how many that are, nobody can say beforehand. */
export const isPattern = (id: string): boolean => id.endsWith('*');

/** Actors that are known to be of one sort. The first group that matches holds. */
export const actorGroupSchema = z
  .strictObject({ name: clientText(60), actors, addresses, ...tuning })
  .check(byRule('hasMembers'));
export type ActorGroup = z.infer<typeof actorGroupSchema>;

/** `sensitive`: worth more to a thief (money, secrets, personal data); left out, its name decides. */
export const endpointTuningSchema = z.strictObject({
  endpoint: endpointName,
  sensitive: z.boolean().optional().describe('Worth more to a thief: money, secrets, personal data. Absent: its name decides'),
  ...tuning,
});
export type EndpointTuning = z.infer<typeof endpointTuningSchema>;

/** A business flow: a step needs the one before it. A step is there once: how often it may be repeated is learnt. */
export const flowSchema = z.strictObject({
  name: clientText(60),
  steps: z.array(endpointName).min(2).max(20).check(byRule('uniqueSteps')),
});
export type Flow = z.infer<typeof flowSchema>;

const fields = {
  baseLimit,
  sensitivity,
  /** When more open, all limits are stretched, at most threefold, until it fits. */
  alertBudget: z
    .int()
    .min(0)
    .max(100_000)
    .describe(
      'Alerts of low and medium severity in 24 hours that the team can look at; when more open, all limits are stretched, at most threefold. 0: no budget. Default 100: about four an hour, more is not read',
    ),
  kinds,
  allow: allowListSchema.describe(
    'Never accused and nothing learnt from them. Default: nobody, since who is listed is not watched',
  ),
  groups: z
    .array(actorGroupSchema)
    .max(50)
    .check(byRule('uniqueNames'))
    .describe(
      'Actors of one sort with limits of their own; the first that matches holds. Default: none, each is measured by itself',
    ),
  endpoints: z
    .array(endpointTuningSchema)
    .max(500)
    .check(byRule('uniqueEndpoints'))
    .describe(
      'Limits of single endpoints, before those of groups. Default: none, names such as payment or export speak for themselves',
    ),
  flows: z
    .array(flowSchema)
    .max(50)
    .check(byRule('uniqueNames'))
    .describe('Business flows whose steps need the one before. Default: none declared'),
  learnFlows: z
    .boolean()
    .describe('Whether flows are learnt too, from what most actors do. Default true: most services declare none'),
  ladder: ladderSchema.describe(
    "Rules from behaviour to decisions; the first that matches holds, and what none matches leads to no decision. The service's policy caps them. Default: high and critical are refused, for longer each time; medium is throttled twice before; low is only ever throttled",
  ),
  maxShare: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'Share of the live sources (accounts, and addresses without one, of the last five to ten minutes) that policies may newly block within a minute; further blocks wait for a person. Five always pass. Default 0.05: an error reaches one in twenty at most, and an attack by more than that is worth a look',
    ),
};

export type Settings = z.output<z.ZodObject<typeof fields>>;

export const settingsSchema = z.object({
  baseLimit: fields.baseLimit.default(DEFAULT_SETTINGS.baseLimit),
  sensitivity: fields.sensitivity.default(DEFAULT_SETTINGS.sensitivity),
  alertBudget: fields.alertBudget.default(DEFAULT_SETTINGS.alertBudget),
  kinds: fields.kinds.default(DEFAULT_SETTINGS.kinds),
  allow: fields.allow.prefault({}),
  groups: fields.groups.default(DEFAULT_SETTINGS.groups),
  endpoints: fields.endpoints.default(DEFAULT_SETTINGS.endpoints),
  flows: fields.flows.default(DEFAULT_SETTINGS.flows),
  learnFlows: fields.learnFlows.default(DEFAULT_SETTINGS.learnFlows),
  ladder: fields.ladder.default(DEFAULT_SETTINGS.ladder),
  maxShare: fields.maxShare.default(DEFAULT_SETTINGS.maxShare),
});

/** A change of settings: what is absent stays as it is; a list or table that is given replaces the whole of it. */
export const settingsPatchSchema = z.strictObject(fields).partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

export type Tuning = Pick<SettingsPatch, 'baseLimit' | 'sensitivity' | 'kinds'>;
/** What a change says of limits and kinds: for the whole service, and for each group and endpoint, which come before it. */
export const tuningsOf = (patch: SettingsPatch): Tuning[] => [patch, ...(patch.groups ?? []), ...(patch.endpoints ?? [])];

/**
 * Settings as they were stored by this or another version. A field that this version cannot read holds its default: one
 * service's odd row must not keep all services from being watched.
 */
export function storedSettings(stored: unknown): Settings {
  const read = settingsSchema.safeParse(stored);
  if (read.success) return read.data;
  const known = Object.entries(typeof stored === 'object' && stored !== null ? stored : {}).filter(
    ([name, value]) => settingsPatchSchema.safeParse({ [name]: value }).success,
  );
  return settingsSchema.parse(Object.fromEntries(known));
}
