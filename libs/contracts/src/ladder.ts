/**
 * The ladder: which behaviour leads to what, and what comes next where it is repeated. An ordered list of rules, of which
 * the first that matches holds; what none matches leads to no decision. Its steps rise: each is harder than the one
 * before it, or as hard and longer.
 */
import { z } from 'zod';
import { alertKindSchema, severitySchema } from './alert.js';
import { alertKinds, stepActions } from './names.js';
import { byRule } from './settings-rules.js';
import { endpointName } from './text.js';

export const stepActionSchema = z.enum(stepActions);
export type StepAction = z.infer<typeof stepActionSchema>;

const LONGEST_STEP_SECONDS = 30 * 86_400;
export const stepSchema = z.strictObject({
  action: stepActionSchema,
  seconds: z.int().min(10).max(LONGEST_STEP_SECONDS).describe('How long it lasts; while the behaviour goes on it is prolonged'),
});
export type Step = z.infer<typeof stepSchema>;

/** What is left out matches everything; how rules are matched stands in libs/detection/src/rules.ts. */
export const ladderRuleSchema = z.strictObject({
  endpoint: endpointName.optional(),
  kind: alertKindSchema.optional(),
  severity: severitySchema.optional().describe('This severity and those above it'),
  steps: z.array(stepSchema).min(1).max(10).check(byRule('rising')),
});
export type LadderRule = z.infer<typeof ladderRuleSchema>;

export const ladderSchema = z.array(ladderRuleSchema).max(50).check(byRule('reached'));
export type Ladder = z.infer<typeof ladderSchema>;

/** A ladder that only watches for so long before its first throttle or block watches alone. */
const LONGEST_WATCH_SECONDS = 3_600;

/** Whether the gravest behaviour of some kind leads to no throttle or block within an hour, unless it is on an endpoint that a rule names. */
export const isBlunt = (ladder: readonly LadderRule[]): boolean =>
  alertKinds.some((kind) =>
    watchesAlone(ladder.find((rule) => rule.endpoint === undefined && (rule.kind ?? kind) === kind)?.steps ?? []),
  );

function watchesAlone(steps: readonly Step[]): boolean {
  const acts = steps.findIndex(({ action }) => action !== 'monitor');
  return acts < 0 || steps.slice(0, acts).reduce((sum, { seconds }) => sum + seconds, 0) > LONGEST_WATCH_SECONDS;
}
