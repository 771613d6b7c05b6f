/** The operations of the admin API about alerts: reading them, working through them, and what each person keeps of that. A part of admin-api.ts. */
import { z } from 'zod';
import { alertKindSchema, alertSchema, alertStateSchema, alertVerdictSchema, severitySchema } from './alert.js';
import { cursorQuery, idParam, listOf, operation, page, personLine, personText } from './operation.js';
import { subjectTypeSchema } from './subject.js';
import { clientText, epochMs, serviceId } from './text.js';
import {
  alertCountsSchema,
  alertEventSchema,
  campaignSizeSchema,
  commentBodySchema,
  MAX_TRIAGED,
  namedPersonSchema,
  savedViewSchema,
  seenSchema,
  triageBodySchema,
  triageResultSchema,
} from './triage.js';
import { alertDetailSchema } from './views.js';

const alertId = idParam.shape.id;
const since = z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional();

const readOperations = {
  alerts: operation({
    action: 'alert.read',
    method: 'GET',
    path: '/api/alerts',
    tag: 'alerts',
    summary: 'Alerts, latest activity first',
    query: z.strictObject({
      ...cursorQuery,
      service: serviceId.optional(),
      state: listOf(alertStateSchema).optional(),
      kind: listOf(alertKindSchema).optional(),
      severity: listOf(severitySchema).optional(),
      /** A part of the subject's id, literally. */
      subject: clientText(768).optional(),
      /** Exactly this subject. */
      subjectType: subjectTypeSchema.optional(),
      subjectId: clientText(768).optional(),
      /** Exactly this endpoint, as where it was or as whom it is about. */
      endpoint: clientText(768).optional(),
      /** A part of subject, endpoint or explanation, in whatever case. */
      text: clientText(200).optional(),
      /** A person's id; `me`; `none`: nobody's. */
      assignee: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,80}$/, 'an id, me or none')
        .optional(),
      /** Alerts with a comment that mentions who asks; `unanswered`: unresolved ones, to which that person has done and said nothing since. */
      mentioned: z.enum(['true', 'unanswered']).optional(),
      /** Those that belong to this alert's campaign. */
      campaign: alertId.optional(),
      /** `campaign`: without those whose campaign has an alert of its own in this list. */
      group: z.literal('campaign').optional(),
      /** Last active at or after, and before; milliseconds since the epoch. */
      since,
      before: since,
    }),
    response: page(alertSchema),
    status: 200,
  }),
  alertCounts: operation({
    action: 'alert.read',
    method: 'GET',
    path: '/api/alert-counts',
    tag: 'alerts',
    summary: 'How many alerts are open, acknowledged and snoozed',
    response: alertCountsSchema,
    status: 200,
  }),
  campaignSizes: operation({
    action: 'alert.read',
    method: 'GET',
    path: '/api/campaign-sizes',
    tag: 'alerts',
    summary: 'How many alerts belong to each of these, at most 100, whose campaigns they lead; counted up to 1,000',
    query: z.strictObject({
      alerts: z
        .string()
        .max(8_100)
        .transform((text) => text.split(','))
        .pipe(z.array(alertId).max(100)),
      state: listOf(alertStateSchema).optional(),
    }),
    response: z.object({ items: z.array(campaignSizeSchema) }),
    status: 200,
  }),
  alert: operation({
    action: 'alert.read',
    method: 'GET',
    path: '/api/alerts/{id}',
    tag: 'alerts',
    summary: 'One alert with its chart, its requests and decisions about its subject',
    params: idParam,
    response: alertDetailSchema,
    status: 200,
  }),
  alertHistory: operation({
    action: 'alert.read',
    method: 'GET',
    path: '/api/alerts/{id}/history',
    tag: 'alerts',
    summary: 'Who did what to an alert, and what was said, the latest 500, oldest first',
    params: idParam,
    response: z.object({ items: z.array(alertEventSchema) }),
    status: 200,
  }),
  relatedAlerts: operation({
    action: 'alert.read',
    method: 'GET',
    path: '/api/alerts/{id}/related',
    tag: 'alerts',
    summary: 'Alerts of the same campaign or about the same subject, latest activity first, at most 50',
    params: idParam,
    response: z.object({ items: z.array(alertSchema) }),
    status: 200,
  }),
} as const;

const triageOperations = {
  acknowledge: operation({
    action: 'alert.acknowledge',
    method: 'POST',
    path: '/api/alerts/{id}/acknowledge',
    tag: 'alerts',
    summary: 'Acknowledge an alert, for good or until a time',
    params: idParam,
    body: z.strictObject({ note: personText.optional(), until: epochMs.optional() }),
    response: alertSchema,
    status: 200,
  }),
  resolve: operation({
    action: 'alert.resolve',
    method: 'POST',
    path: '/api/alerts/{id}/resolve',
    tag: 'alerts',
    summary: 'Resolve an alert with a verdict',
    params: idParam,
    body: z.strictObject({ verdict: alertVerdictSchema, note: personText.optional() }),
    response: alertSchema,
    status: 200,
  }),
  triage: operation({
    action: 'alert.triage',
    method: 'POST',
    path: '/api/triage',
    tag: 'alerts',
    summary: 'Do one thing to many alerts; the answer has a result for each, in the order of the call',
    body: triageBodySchema,
    response: z.object({ results: z.array(triageResultSchema) }),
    status: 200,
  }),
  comment: operation({
    action: 'alert.comment',
    method: 'POST',
    path: '/api/alerts/{id}/comments',
    tag: 'alerts',
    summary: 'Say something about an alert; may mention people',
    params: idParam,
    body: commentBodySchema,
    response: alertEventSchema,
    status: 201,
  }),
  assignees: operation({
    action: 'alert.read',
    method: 'GET',
    path: '/api/assignees',
    tag: 'alerts',
    summary: 'People to whom alerts can be given, by name',
    response: z.object({ items: z.array(namedPersonSchema) }),
    status: 200,
  }),
} as const;

/** What each person keeps: views and what was seen. */
const ownOperations = {
  savedViews: operation({
    action: 'view.keep',
    method: 'GET',
    path: '/api/saved-views',
    tag: 'alerts',
    summary: "A person's own views of the list and everybody's shared ones, by name",
    response: z.object({ items: z.array(savedViewSchema) }),
    status: 200,
  }),
  saveView: operation({
    action: 'view.keep',
    method: 'POST',
    path: '/api/saved-views',
    tag: 'alerts',
    summary: 'Keep filters under a name; an own view of that name is replaced',
    body: z.strictObject({ name: personLine(60), shared: z.boolean().default(false), search: clientText(2_000) }),
    response: savedViewSchema,
    status: 201,
  }),
  removeView: operation({
    action: 'view.keep',
    method: 'DELETE',
    path: '/api/saved-views/{id}',
    tag: 'alerts',
    summary: 'Remove an own view',
    params: idParam,
    response: savedViewSchema,
    status: 200,
  }),
  seen: operation({
    action: 'view.keep',
    method: 'GET',
    path: '/api/seen',
    tag: 'alerts',
    summary: 'Which alerts the person has seen',
    response: seenSchema,
    status: 200,
  }),
  markSeen: operation({
    action: 'view.keep',
    method: 'POST',
    path: '/api/seen',
    tag: 'alerts',
    quiet: true,
    summary: 'Mark alerts as seen: these, or all that opened up to a time',
    body: z.strictObject({
      alerts: z.array(alertId).max(MAX_TRIAGED).default([]),
      upTo: epochMs.optional(),
    }),
    response: seenSchema,
    status: 200,
  }),
} as const;

export const alertOperations = { ...readOperations, ...triageOperations, ...ownOperations } as const;
