/**
 * The ladder: which behaviour leads to what, and what comes next where it is repeated. An ordered list of rules, of which
 * the first that matches holds; what none matches leads to no decision. Its steps rise: each is harder than the one
 * before it, or as hard and longer.
 */
import { z } from 'zod';
import { alertKindSchema, severities, severitySchema } from './alert.js';
import { endpointName } from './text.js';

/** What a step does. monitor: wait and see; no bouncer hears of it. */
export const stepActions = ['monitor', 'throttle', 'block'] as const;
export const stepActionSchema = z.enum(stepActions);
export type StepAction = z.infer<typeof stepActionSchema>;

const LONGEST_STEP_SECONDS = 30 * 86_400;
export const stepSchema = z.strictObject({
  action: stepActionSchema,
  seconds: z.int().min(10).max(LONGEST_STEP_SECONDS).describe('How long it lasts; while the behaviour goes on it is prolonged'),
});
export type Step = z.infer<typeof stepSchema>;

/** Harder first of all, then longer: positive where `a` is more than `b`. */
const compareSteps = (a: Step, b: Step): number =>
  stepActions.indexOf(a.action) - stepActions.indexOf(b.action) || a.seconds - b.seconds;

const rising = ({ value, issues }: z.core.ParsePayload<Step[]>): void => {
  value.forEach((step, index) => {
    const before = value[index - 1];
    if (before === undefined || compareSteps(step, before) > 0) return;
    const message = `harder or longer than the step before it (${before.action} for ${before.seconds} s)`;
    issues.push({ code: 'custom', input: step, path: [index], message });
  });
};

/** What is left out matches everything; how rules are matched stands in libs/detection/src/rules.ts. */
export const ladderRuleSchema = z.strictObject({
  endpoint: endpointName.optional(),
  kind: alertKindSchema.optional(),
  severity: severitySchema.optional().describe('This severity and those above it'),
  steps: z.array(stepSchema).min(1).max(10).check(rising),
});
export type LadderRule = z.infer<typeof ladderRuleSchema>;

const coversAll = (one: LadderRule, other: LadderRule): boolean =>
  (one.endpoint === undefined || one.endpoint === other.endpoint) &&
  (one.kind === undefined || one.kind === other.kind) &&
  severities.indexOf(one.severity ?? 'low') <= severities.indexOf(other.severity ?? 'low');

export const ladderSchema = z
  .array(ladderRuleSchema)
  .max(50)
  .check(({ value, issues }) => {
    value.forEach((rule, index) => {
      const before = value.slice(0, index).findIndex((earlier) => coversAll(earlier, rule));
      if (before < 0) return;
      const message = `never reached: number ${before + 1} matches everything that it matches`;
      issues.push({ code: 'custom', input: rule, path: [index], message });
    });
  });
export type Ladder = z.infer<typeof ladderSchema>;

const MINUTE = 60;
const HOUR = 3_600;

/**
 * What holds where nothing was set.
 * - high and critical: refused at once, since such an excess is no eager client's. Ten minutes first: a tool that is told no for
 *   that long mostly goes elsewhere, and an error is soon over. Who comes back is refused for an hour, six hours, a day;
 *   a day is the cap, so that an address that changes hands is not held for good.
 * - medium: held to its own limit, which costs an honest client nothing beyond its habit; refused only after it has gone on
 *   against two throttles.
 * - low: never refused: it may still be an eager client.
 */
export const DEFAULT_LADDER: Ladder = [
  {
    severity: 'high',
    steps: [
      { action: 'block', seconds: 10 * MINUTE },
      { action: 'block', seconds: HOUR },
      { action: 'block', seconds: 6 * HOUR },
      { action: 'block', seconds: 24 * HOUR },
    ],
  },
  {
    severity: 'medium',
    steps: [
      { action: 'throttle', seconds: MINUTE },
      { action: 'throttle', seconds: 10 * MINUTE },
      { action: 'block', seconds: 10 * MINUTE },
      { action: 'block', seconds: HOUR },
    ],
  },
  {
    steps: [
      { action: 'throttle', seconds: MINUTE },
      { action: 'throttle', seconds: 5 * MINUTE },
      { action: 'throttle', seconds: 15 * MINUTE },
    ],
  },
];
