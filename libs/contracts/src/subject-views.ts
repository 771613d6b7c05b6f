/** What the pages of actors, addresses and endpoints show beside alerts and decisions. */
import { z } from 'zod';
import { evidenceSchema } from './alert.js';
import { subjectTypeSchema } from './subject.js';
import { epochMs, serviceId } from './text.js';

/** Only these have baselines of their own: who makes requests. */
export const sourceTypeSchema = z.enum(['actor', 'address']);
export type SourceType = z.infer<typeof sourceTypeSchema>;

/** One window of a baseline: requests that are expected and those that raise nothing, by the model, now. */
export const baselineWindowSchema = z.object({
  windowSeconds: z.number(),
  observed: z.number(),
  /** By how much everybody else on the endpoint is above the usual now, 1 where nobody surges. It is in `expected` and `limit`. */
  level: z.number(),
  expected: z.number(),
  limit: z.number(),
  evidence: evidenceSchema,
});
export type BaselineWindow = z.infer<typeof baselineWindowSchema>;

export const baselineSchema = z.object({
  endpoint: z.string(),
  windows: z.array(baselineWindowSchema),
  /** Greatest counts of the last closed blocks, oldest first; `ts`: when the block ended. */
  peaks: z.array(z.object({ windowSeconds: z.number(), points: z.array(z.object({ ts: epochMs, peak: z.number() })) })),
});
export type Baseline = z.infer<typeof baselineSchema>;

const metSchema = z.object({ firstAt: epochMs, lastAt: epochMs });
export const knownAccountSchema = z.object({
  since: epochMs,
  lastAt: epochMs,
  requests: z.number(),
  sessions: z.number(),
  networks: z.array(metSchema),
  devices: z.array(metSchema),
});
export type KnownAccount = z.infer<typeof knownAccountSchema>;

/** What was learnt of one source. `known` is null where the model keeps no profile of it. */
export const outlookSchema = z.object({
  baselines: z.array(baselineSchema),
  known: knownAccountSchema.nullable(),
  /** On the allow-list: nothing is raised of it. */
  allowed: z.boolean(),
});
export type Outlook = z.infer<typeof outlookSchema>;

/** Of everybody on one endpoint, in each window: the greatest count of each closed block, its mean and its spread. */
export const endpointBaselineSchema = z.object({
  windows: z.array(
    z.object({
      windowSeconds: z.number(),
      mean: z.number(),
      deviation: z.number(),
      /** Closed blocks behind it; what is older weighs less. */
      blocks: z.number(),
    }),
  ),
});
export type EndpointBaseline = z.infer<typeof endpointBaselineSchema>;

/** One found by its text. `alerts`: unresolved and resolved ones that were found about it. */
export const foundSchema = z.object({
  type: subjectTypeSchema,
  id: z.string(),
  service: serviceId,
  alerts: z.int(),
  decisions: z.int(),
  lastAt: epochMs.nullable(),
});
export type Found = z.infer<typeof foundSchema>;

/** Somebody or something that was met in the requests of a time. */
export const contactSchema = z.object({ id: z.string(), requests: z.int(), firstAt: epochMs, lastAt: epochMs });
export type Contact = z.infer<typeof contactSchema>;

/** How often one endpoint was followed by another, by the same source and without a long pause. */
export const sequenceStepSchema = z.object({ from: z.string(), to: z.string(), times: z.int() });
export type SequenceStep = z.infer<typeof sequenceStepSchema>;

/** Whom and what the requests of a filter were with; each list busiest first, at most 20 (steps: 40). */
export const contactsSchema = z.object({
  actors: z.array(contactSchema),
  addresses: z.array(contactSchema),
  devices: z.array(contactSchema),
  credentials: z.array(contactSchema),
  endpoints: z.array(contactSchema),
  steps: z.array(sequenceStepSchema),
});
export type Contacts = z.infer<typeof contactsSchema>;
