/** The ladder as the form holds it: rules with keys of their own, empty where anything matches, durations in a unit of choice. */
import type { AlertKind, Ladder, LadderRule, Severity, Step, StepAction } from '@plimsoll/contracts';
import { newKey, numberOf } from './typed.js';

export const units = [
  { seconds: 1, name: 'seconds' },
  { seconds: 60, name: 'minutes' },
  { seconds: 3_600, name: 'hours' },
  { seconds: 86_400, name: 'days' },
] as const;

export interface LadderStepDraft {
  key: number;
  action: StepAction;
  /** As typed, in units of `unit` seconds. */
  amount: string;
  unit: number;
}
export interface LadderRuleDraft {
  key: number;
  endpoint: string;
  kind: AlertKind | '';
  severity: Severity | '';
  steps: LadderStepDraft[];
}

/** In the largest unit that divides it. */
function stepDraft({ action, seconds }: Step): LadderStepDraft {
  const unit = [...units].reverse().find((each) => seconds % each.seconds === 0)?.seconds ?? 1;
  return { key: newKey(), action, amount: String(seconds / unit), unit };
}

const ruleDraft = ({ endpoint, kind, severity, steps }: LadderRule): LadderRuleDraft => ({
  key: newKey(),
  endpoint: endpoint ?? '',
  kind: kind ?? '',
  severity: severity ?? '',
  steps: steps.map(stepDraft),
});

export const newRule = (): LadderRuleDraft => ruleDraft({ severity: 'high', steps: [{ action: 'throttle', seconds: 60 }] });

/** One step up from the last: as hard, twice as long. */
export function nextStepDraft(steps: readonly LadderStepDraft[]): LadderStepDraft {
  const last = steps.at(-1);
  if (!last) return stepDraft({ action: 'throttle', seconds: 60 });
  const { action, unit, amount } = last;
  return { key: newKey(), action, unit, amount: String((numberOf(amount) || 1) * 2) };
}

export const ladderDraft = (ladder: Ladder): LadderRuleDraft[] => ladder.map(ruleDraft);

export const ladderOf = (rules: readonly LadderRuleDraft[]): Ladder =>
  rules.map(({ endpoint, kind, severity, steps }) => ({
    ...(endpoint.trim() !== '' && { endpoint: endpoint.trim() }),
    ...(kind !== '' && { kind }),
    ...(severity !== '' && { severity }),
    steps: steps.map(({ action, amount, unit }) => ({ action, seconds: numberOf(amount) * unit })),
  }));

/** What a rule matches, in words: `high and critical Rate on GET /a`. */
export function ruleText({ endpoint, kind, severity }: LadderRuleDraft, nameOf: (kind: AlertKind) => string): string {
  const what = kind === '' ? 'anything' : nameOf(kind);
  const how = severity === '' || severity === 'low' ? '' : severity === 'critical' ? 'critical: ' : `${severity} and above: `;
  return `${how}${what}${endpoint.trim() === '' ? '' : ` on ${endpoint.trim()}`}`;
}
