/** The part of the admin API that is about the history of requests: search, histogram, neighbours, export, coverage. */
import { z } from 'zod';
import { historyFilterQuery } from './history-filter.js';
import { historyBucketSchema, historyCoverageSchema, historyRequestSchema } from './history-views.js';
import { cursorQuery, operation, page } from './operation.js';
import { clientText, epochMs, serviceId } from './text.js';

/** Lines of one export; what is beyond them is said in its last line. */
export const MAX_EXPORTED = 1_000_000;

export const historyOperations = {
  history: operation({
    action: 'history.read',
    method: 'GET',
    path: '/api/history',
    tag: 'history',
    summary: 'What is kept of the requests of a service: from when to when, how many, and what is missing',
    query: z.strictObject({ service: serviceId }),
    response: historyCoverageSchema,
    status: 200,
  }),
  searchRequests: operation({
    action: 'history.read',
    method: 'GET',
    path: '/api/history/requests',
    tag: 'history',
    summary: 'Requests of a service, newest first; of the last day where no time is named',
    query: z.strictObject({ ...historyFilterQuery, ...cursorQuery }),
    response: page(historyRequestSchema),
    status: 200,
  }),
  histogram: operation({
    action: 'history.read',
    method: 'GET',
    path: '/api/history/histogram',
    tag: 'history',
    summary: 'How many requests over time, in even buckets; empty ones are included as zeros',
    query: z.strictObject({ ...historyFilterQuery, buckets: z.coerce.number().int().min(1).max(1_000).default(60) }),
    response: z.object({
      /** Of which time: the filter's, or whole buckets around it where these are known as wholes. */
      from: epochMs,
      to: epochMs,
      bucketMs: z.int(),
      requests: z.int(),
      buckets: z.array(historyBucketSchema),
    }),
    status: 200,
  }),
  neighbours: operation({
    action: 'history.read',
    method: 'GET',
    path: '/api/history/requests/{id}/neighbours',
    tag: 'history',
    summary: 'The requests just before and after one, of the same actor, address or credential, or of the whole service',
    /** A client may have chosen it. */
    params: z.strictObject({ id: clientText(128) }),
    query: z.strictObject({
      service: serviceId,
      /** Of the request: the history is in order of time, not of ids. */
      ts: z.coerce.number().pipe(epochMs),
      of: z.enum(['actor', 'address', 'credential', 'service']).default('actor'),
      before: z.coerce.number().int().min(0).max(100).default(20),
      after: z.coerce.number().int().min(0).max(100).default(20),
    }),
    /** Oldest first, with the request itself among them. */
    response: z.object({ items: z.array(historyRequestSchema) }),
    status: 200,
  }),
  exportRequests: operation({
    action: 'history.export',
    method: 'GET',
    path: '/api/history/export',
    tag: 'history',
    summary: 'Requests of a service as NDJSON, oldest first; the last line says how many there were and whether all',
    query: z.strictObject({
      ...historyFilterQuery,
      limit: z.coerce.number().int().min(1).max(MAX_EXPORTED).default(100_000),
    }),
    response: historyRequestSchema,
    streams: 'application/x-ndjson',
    status: 200,
    danger: 'step-up',
  }),
} as const;
