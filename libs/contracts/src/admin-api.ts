/**
 * The admin API as data: method, path, schemas and one sentence for each operation. The server validates with it, the
 * OpenAPI document is generated from it, the dashboard's client is typed by it.
 */
import { z } from 'zod';
import { accessActionSchema } from './access.js';
import { accessOperations } from './access-operations.js';
import { ownRiskSchema } from './account.js';
import { accountOperations } from './account-operations.js';
import { alertOperations } from './alert-operations.js';
import { auditOperations } from './audit-api.js';
import { backtestOperations } from './backtest-api.js';
import { decisionOperations } from './decision-api.js';
import { demoOperations } from './demo-api.js';
import { detectionOperations } from './detection-api.js';
import { doorSchema } from './door.js';
import { historyOperations } from './history-api.js';
import { keyOperations } from './key-operations.js';
import { isBlunt } from './ladder.js';
import { memberOperations } from './member-operations.js';
import { idParam, operation, personLine } from './operation.js';
import { overviewOperations } from './overview.js';
import { historyDaysSchema, type PolicyMode, policyModeSchema, serviceSchema } from './policy.js';
import { privacyOperations } from './privacy-api.js';
import { instanceSchema, reachSchema } from './receipt.js';
import { isPattern, isWide, type SettingsPatch, settingsPatchSchema, tuningsOf } from './settings.js';
import type { Danger } from './step-up.js';
import { subjectOperations } from './subject-api.js';
import { clientText, serviceId } from './text.js';
import { endpointSummarySchema, overviewSchema, personSchema, sessionSchema, trafficPointSchema } from './views.js';

/** Whatever is changed of a service can blind it; what blinds it by itself is a matter for two. */
function dangerOfChange({ policy, dryRun, settings }: ServiceChange): Danger {
  const off = tuningsOf(settings ?? {}).some(({ kinds }) => Object.values(kinds ?? {}).some((mode) => mode !== 'on'));
  const blunt = settings?.ladder !== undefined && isBlunt(settings.ladder);
  const { addresses = [], actors = [] } = settings?.allow ?? {};
  const open = isWide(addresses) || actors.some(isPattern);
  return policy === 'monitor' || dryRun === true || off || blunt || open ? 'two-persons' : 'step-up';
}
interface ServiceChange {
  policy?: PolicyMode | undefined;
  dryRun?: boolean | undefined;
  settings?: SettingsPatch | undefined;
}

export const adminApi = {
  signIn: operation({
    action: null,
    method: 'POST',
    path: '/api/session',
    tag: 'session',
    open: true,
    summary: 'Sign in with a one-time link',
    body: z.strictObject({ token: z.string().min(16).max(200) }),
    response: sessionSchema,
    status: 201,
  }),
  refresh: operation({
    action: null,
    method: 'POST',
    path: '/api/session/refresh',
    tag: 'session',
    open: true,
    quiet: true,
    summary: 'Rotate the refresh token of the cookie and get a new access token',
    response: sessionSchema,
    status: 200,
  }),
  signOut: operation({
    action: 'session.end',
    method: 'DELETE',
    path: '/api/session',
    tag: 'session',
    summary: 'End this session',
    response: z.null(),
    status: 204,
  }),
  me: operation({
    action: 'session.read',
    method: 'GET',
    path: '/api/me',
    tag: 'session',
    summary: 'Who is signed in, and what it may do somewhere at least, once presence is proved',
    response: personSchema.extend({
      allowed: z.array(accessActionSchema),
      risk: ownRiskSchema.pick({ level: true, takes: true }),
    }),
    status: 200,
  }),

  ...accountOperations,
  ...memberOperations,

  installation: operation({
    action: 'installation.read',
    method: 'GET',
    path: '/api/installation',
    tag: 'services',
    summary: 'Where SDKs send their request logs',
    response: z.object({ ingestUrl: z.string() }),
    status: 200,
  }),

  overview: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/overview',
    tag: 'traffic',
    summary: 'Counts for the first screen',
    response: overviewSchema,
    status: 200,
  }),
  traffic: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/traffic',
    tag: 'traffic',
    summary: 'Traffic series in buckets; empty buckets are included as zeros',
    query: z.strictObject({
      service: serviceId.optional(),
      endpoint: clientText(768).optional(),
      minutes: z.coerce.number().int().min(1).max(10_080).default(60),
      bucketMinutes: z.coerce.number().int().min(1).max(1_440).default(1),
      until: z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional(),
    }),
    response: z.object({ points: z.array(trafficPointSchema) }),
    status: 200,
  }),
  endpoints: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/services/{id}/endpoints',
    tag: 'traffic',
    summary: 'Endpoints of a service with totals, busiest first',
    params: idParam,
    response: z.object({ items: z.array(endpointSummarySchema) }),
    status: 200,
  }),

  ...overviewOperations,
  ...alertOperations,
  ...accessOperations,
  ...decisionOperations,
  ...auditOperations,
  ...privacyOperations,

  services: operation({
    action: 'service.read',
    method: 'GET',
    path: '/api/services',
    tag: 'services',
    summary: 'Protected APIs',
    response: z.object({ items: z.array(serviceSchema) }),
    status: 200,
  }),
  createService: operation({
    action: 'service.create',
    method: 'POST',
    path: '/api/services',
    tag: 'services',
    summary: 'Add a protected API',
    body: z.strictObject({
      id: serviceId,
      environment: personLine(60).default('production'),
      team: personLine(60).default('default'),
      policy: policyModeSchema.default('block'),
      /** Until somebody has seen whom it would hit. */
      dryRun: z.boolean().default(true),
    }),
    response: serviceSchema,
    status: 201,
  }),
  updateService: operation({
    action: 'service.update',
    method: 'PATCH',
    path: '/api/services/{id}',
    tag: 'services',
    summary: 'Change policy, dry run, settings, or for how long request logs are kept',
    params: idParam,
    body: z.strictObject({
      policy: policyModeSchema.optional(),
      dryRun: z.boolean().optional(),
      settings: settingsPatchSchema.optional(),
      /** null: as the installation says. */
      historyDays: historyDaysSchema.nullable().optional(),
    }),
    response: serviceSchema,
    status: 200,
    danger: dangerOfChange,
  }),
  allowed: operation({
    action: 'service.read',
    method: 'GET',
    path: '/api/services/{id}/allowed',
    tag: 'services',
    summary: 'What the person signed in may do in a service, once presence is proved',
    params: idParam,
    response: z.object({ allowed: z.array(accessActionSchema) }),
    status: 200,
  }),
  instances: operation({
    action: 'service.read',
    method: 'GET',
    path: '/api/services/{id}/instances',
    tag: 'services',
    summary: 'Instances of a service, and which version of its decisions each enforces',
    params: idParam,
    response: z.object({ items: z.array(instanceSchema), reach: reachSchema }),
    status: 200,
  }),
  ...historyOperations,
  ...subjectOperations,
  ...backtestOperations,
  ...keyOperations,
  ...demoOperations,
  ...detectionOperations,
  door: operation({
    action: 'service.read',
    method: 'GET',
    path: '/api/services/{id}/door',
    tag: 'services',
    summary: 'What came to ingestion in the last 24 hours: signed, refused, late',
    params: idParam,
    response: doorSchema,
    status: 200,
  }),
} as const;

export type AdminApi = typeof adminApi;
export type OperationName = keyof AdminApi;
export type ResponseOf<N extends OperationName> = z.output<AdminApi[N]['response']>;
type Part<N extends OperationName, K extends 'params' | 'query' | 'body'> = AdminApi[N] extends {
  [P in K]: infer T extends z.ZodType;
}
  ? T
  : never;
/** What a caller passes. */
export type ParamsOf<N extends OperationName> = z.input<Part<N, 'params'>>;
export type QueryOf<N extends OperationName> = z.input<Part<N, 'query'>>;
export type BodyOf<N extends OperationName> = z.input<Part<N, 'body'>>;
/** What the server sees after parsing. */
export type ParsedParams<N extends OperationName> = z.output<Part<N, 'params'>>;
export type ParsedQuery<N extends OperationName> = z.output<Part<N, 'query'>>;
export type ParsedBody<N extends OperationName> = z.output<Part<N, 'body'>>;
