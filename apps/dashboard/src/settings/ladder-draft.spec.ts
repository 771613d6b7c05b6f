import { DEFAULT_LADDER, DEFAULT_SETTINGS, type Ladder } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { changesOf, draftOf } from './draft.js';
import { faultsIn } from './faults.js';
import { ladderDraft, ladderOf, newRule, nextStepDraft, ruleText } from './ladder-draft.js';

const ladder: Ladder = [
  {
    endpoint: 'POST /login',
    kind: 'rate',
    severity: 'high',
    steps: [
      { action: 'monitor', seconds: 90 },
      { action: 'throttle', seconds: 7_200 },
      { action: 'block', seconds: 172_800 },
    ],
  },
  { steps: [{ action: 'throttle', seconds: 61 }] },
];

describe('the ladder in the form', () => {
  it('comes back as it was, each step in the largest unit that divides it', () => {
    const draft = ladderDraft(ladder);
    expect(draft[0]?.steps.map(({ amount, unit }) => [amount, unit])).toEqual([
      ['90', 1],
      ['2', 3_600],
      ['2', 86_400],
    ]);
    for (const each of [ladder, DEFAULT_LADDER]) expect(ladderOf(ladderDraft(each))).toEqual(each);
  });

  it('is sent only where something else was typed', () => {
    const draft = draftOf(DEFAULT_SETTINGS);
    expect(changesOf(draft, DEFAULT_SETTINGS)).toEqual({});
    expect(changesOf({ ...draft, ladder: [], maxShare: '12.5' }, DEFAULT_SETTINGS)).toEqual({ ladder: [], maxShare: 0.125 });
  });

  it('names the step that does not rise, and what is no number', () => {
    const [rule] = ladderDraft(ladder);
    const falling = { ...rule!, steps: [...rule!.steps].reverse() };
    expect([...faultsIn({ ladder: ladderOf([falling]) }).keys()]).toEqual(['ladder.0.steps.1', 'ladder.0.steps.2']);
    const odd = { ...rule!, steps: [{ ...rule!.steps[0]!, amount: 'long' }] };
    expect([...faultsIn({ ladder: ladderOf([odd]) }).keys()]).toEqual(['ladder.0.steps.0.seconds']);
    expect([...faultsIn({ maxShare: Number.NaN })]).toEqual([['maxShare', 'must be a number']]);
  });

  it('offers a next step that rises, and a rule that can be saved', () => {
    const rule = newRule();
    const steps = [...rule.steps, nextStepDraft(rule.steps)];
    expect(faultsIn({ ladder: ladderOf([{ ...rule, steps: [...steps, nextStepDraft(steps)] }]) }).size).toBe(0);
    expect(nextStepDraft([])).toMatchObject({ action: 'throttle', amount: '1', unit: 60 });
  });

  it('says in words what a rule matches', () => {
    const text = (rule: Ladder[number]) => ruleText(ladderDraft([rule])[0]!, (kind) => kind);
    expect(text(ladder[0]!)).toBe('high and above: rate on POST /login');
    expect(text(ladder[1]!)).toBe('anything');
    expect(text({ severity: 'critical', steps: [] })).toBe('critical: anything');
  });
});
