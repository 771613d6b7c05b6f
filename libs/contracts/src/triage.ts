/**
 * What people do to alerts: acts, one call for many alerts with a result for each, and the history that tells of them.
 * An alert's `version` counts these changes, by people and by the clock; what the model adds to an alert leaves it alone.
 */
import { z } from 'zod';
import { alertSchema, alertVerdictSchema, severitySchema } from './alert.js';
import { personText } from './operation.js';
import { epochMs } from './text.js';

/** Alerts of one call. */
export const MAX_TRIAGED = 200;
/** So long a verdict can be taken back. The models hear of it after that, and it counts for or against its kind. */
export const VERDICT_UNDO_MS = 10_000;

const note = personText.optional();
const personId = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'an id');

export const triageActSchema = z.discriminatedUnion('type', [
  /** `until`: it opens again then; absent, it stays acknowledged. */
  z.strictObject({ type: z.literal('acknowledge'), note, until: epochMs.optional() }),
  z.strictObject({ type: z.literal('resolve'), note, verdict: alertVerdictSchema }),
  /** To nobody where `assignee` is null. */
  z.strictObject({ type: z.literal('assign'), assignee: personId.nullable() }),
  /** Until a time, until it differs from what it is now (docs/detection.md), or whichever comes first. */
  z.strictObject({ type: z.literal('snooze'), note, until: epochMs.optional(), differs: z.boolean() }),
  z.strictObject({ type: z.literal('reopen'), note }),
  /**
   * Takes the last act back, where nothing has happened since. Of a resolution within {@link VERDICT_UNDO_MS}, and where no other
   * alert about the same has opened; what it lifted stays lifted.
   */
  z.strictObject({ type: z.literal('undo') }),
]);
export type TriageAct = z.output<typeof triageActSchema>;

export const triageBodySchema = z
  .strictObject({
    act: triageActSchema,
    /** With a `version` the act is done only where the alert still has it. */
    alerts: z
      .array(z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'an id'), version: z.int().min(0).optional() }))
      .min(1)
      .max(MAX_TRIAGED),
  })
  .superRefine(({ act, alerts }, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (act.type === 'snooze' && act.until === undefined && !act.differs) fault(['act'], 'a time, or until it differs');
    if (new Set(alerts.map(({ id }) => id)).size < alerts.length) fault(['alerts'], 'each alert once');
    if (act.type !== 'undo') return;
    alerts.forEach(({ version }, index) => {
      if (version === undefined) fault(['alerts', index, 'version'], 'undo needs the version that it takes back');
    });
  });

/**
 * `unchanged`: it was so already, or is resolved. `conflict`: it was changed since. `missing`: there is none, or not for you.
 * `denied`: you may see it and not do this to it; a call in which that is so of all is refused as a whole.
 */
export const triageResultSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('changed'), id: z.string(), alert: alertSchema }),
  z.object({ type: z.literal('unchanged'), id: z.string(), alert: alertSchema }),
  z.object({ type: z.literal('conflict'), id: z.string(), alert: alertSchema }),
  z.object({ type: z.literal('missing'), id: z.string() }),
  z.object({ type: z.literal('denied'), id: z.string() }),
]);
export type TriageResult = z.infer<typeof triageResultSchema>;

/** `expire`: an acknowledgement ran out. `wake`: a snooze ended, by the clock or because the alert differs. */
export const alertEventTypes = [
  'acknowledge',
  'resolve',
  'assign',
  'snooze',
  'reopen',
  'undo',
  'comment',
  'expire',
  'wake',
] as const;
export type AlertEventType = (typeof alertEventTypes)[number];

/** Why a snoozed alert came back. */
export const wakeReasons = ['time', 'severity', 'observed', 'subject', 'kind', 'endpoint'] as const;
export const wakeReasonSchema = z.enum(wakeReasons);
export type WakeReason = z.infer<typeof wakeReasonSchema>;

/** One line of an alert's history. */
export const alertEventSchema = z.object({
  id: z.int(),
  at: epochMs,
  type: z.enum(alertEventTypes),
  /** Who; null where the clock or the model did it. */
  by: z.string().nullable(),
  note: z.string().nullable(),
  until: epochMs.nullable(),
  /** Of a snooze: until it differs. */
  differs: z.boolean(),
  verdict: alertVerdictSchema.nullable(),
  /** Of an assignment; null: to nobody. */
  assignee: z.string().nullable(),
  /** Of an undo: what was taken back. */
  undone: z.enum(alertEventTypes).nullable(),
  reason: wakeReasonSchema.nullable(),
  /** The severity before and after, where that is the reason. */
  severity: severitySchema.nullable(),
  /** Names of the people whom a comment mentions. */
  mentions: z.array(z.string()),
});
export type AlertEvent = z.infer<typeof alertEventSchema>;

/** Members that one comment may mention. */
export const MAX_MENTIONS = 20;
export const commentBodySchema = z.strictObject({
  text: z.string().trim().min(1).max(2_000),
  mentions: z.array(personId).max(MAX_MENTIONS).default([]),
});

export const namedPersonSchema = z.object({ id: z.string(), name: z.string() });
export type NamedPerson = z.infer<typeof namedPersonSchema>;

/** Filters of the list under a name, as the query part of an address. */
export const savedViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Seen by everybody; else by its owner alone. */
  shared: z.boolean(),
  search: z.string(),
  /** Whose it is; only that person removes it. */
  owner: namedPersonSchema,
});
export type SavedView = z.infer<typeof savedViewSchema>;

/** What a person has seen: every alert that opened up to a time, and these after it. */
export const seenSchema = z.object({ upTo: epochMs, ids: z.array(z.string()) });
export type Seen = z.infer<typeof seenSchema>;

/** How many alerts belong to the one that leads a campaign. */
export const campaignSizeSchema = z.object({ id: z.string(), alerts: z.int() });
export type CampaignSize = z.infer<typeof campaignSizeSchema>;

/** Counts of the queue. */
export const alertCountsSchema = z.object({ open: z.int(), acknowledged: z.int(), snoozed: z.int() });
export type AlertCounts = z.infer<typeof alertCountsSchema>;
