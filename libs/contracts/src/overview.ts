/** What the first screen shows beside the counts: who deviates most, where, and whether what brings the news is well itself. */
import { z } from 'zod';
import { alertKindSchema, severitySchema } from './alert.js';
import { enforceableSubjectSchema } from './decision.js';
import { operation } from './operation.js';
import { clientText, epochMs, serviceId } from './text.js';

/** Unresolved alerts of the last day about one subject, or on one endpoint. */
const standing = {
  service: serviceId,
  alerts: z.int(),
  /** The gravest. */
  severity: severitySchema,
  kinds: z.array(alertKindSchema),
  /** The most that was observed, in limits; 0 where there is no limit to measure by. */
  times: z.number(),
  lastAt: epochMs,
  /** The gravest alert, of equals the latest. */
  alertId: z.string(),
};
export const deviatingSchema = z.object({
  /** The gravest first, at most {@link MAX_DEVIATING} of each. */
  subjects: z.array(z.object({ ...standing, subject: enforceableSubjectSchema })),
  endpoints: z.array(z.object({ ...standing, endpoint: z.string() })),
});
export type Deviating = z.infer<typeof deviatingSchema>;
export const MAX_DEVIATING = 8;

export const pipelineSchema = z.object({
  /** Jobs that no worker has begun, and the age of the oldest, milliseconds. */
  waiting: z.int(),
  oldestWaitingMs: z.number(),
  /** Jobs that were given up and are kept to be looked at. */
  failed: z.int(),
  /** Used memory of Redis as a share of its limit; 0 where it has none. */
  memoryShare: z.number(),
  /** Of the services that are seen, in the last 24 hours: request logs that the history lacks. */
  missing: z.int(),
  /** Of them: batches that were refused at the door, and logs that came late. */
  refused: z.int(),
  late: z.int(),
  /** Of each service that has an instance: how far its newest decision has come. */
  services: z.array(
    z.object({
      id: serviceId,
      instances: z.int(),
      enforcing: z.int(),
      behind: z.int(),
      vanished: z.int(),
      p99Ms: z.number().nullable(),
    }),
  ),
});
export type Pipeline = z.infer<typeof pipelineSchema>;

/**
 * What is usual in a bucket. Of the model: nine of ten minutes of a service lie within its band, and this is the sum of such bands over the
 * bucket's minutes and services. Of days: eight of ten such days lie between the numbers.
 */
export const usualPointSchema = z.object({ ts: epochMs, low: z.number(), high: z.number() });
export type UsualPoint = z.infer<typeof usualPointSchema>;

export const overviewOperations = {
  usualTraffic: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/traffic/usual',
    tag: 'traffic',
    summary:
      'What is usual in each bucket of a traffic series: of services as the model has learnt it; of an endpoint, and before anything is learnt, by the same minutes of earlier days, for a day at most; empty where nothing is known',
    query: z.strictObject({
      service: serviceId.optional(),
      endpoint: clientText(768).optional(),
      minutes: z.coerce.number().int().min(1).max(10_080).default(60),
      bucketMinutes: z.coerce.number().int().min(1).max(120).default(1),
      until: z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional(),
    }),
    response: z.object({
      basis: z
        .enum(['model', 'days'])
        .describe(
          'model: what was learnt of the services; days: the same minutes of earlier days, of an endpoint or before anything is learnt',
        ),
      points: z
        .array(usualPointSchema)
        .describe(
          'Between which requests a bucket usually has; of the model, the sum of such bands over its minutes and services',
        ),
    }),
    status: 200,
  }),
  deviating: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/deviating',
    tag: 'traffic',
    summary: 'Subjects and endpoints with the gravest unresolved alerts of the last day',
    response: deviatingSchema,
    status: 200,
  }),
  pipeline: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/pipeline',
    tag: 'traffic',
    summary: 'Whether requests get through to the alerts: lag, drops, instances and their receipts',
    response: pipelineSchema,
    status: 200,
  }),
} as const;
