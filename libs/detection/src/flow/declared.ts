/** Flows that the settings declare, by their steps: each needs the one before it. Compiled once for each settings object. */
import { fingerprint } from '../identity/fingerprint.js';
import type { Rules } from '../rules.js';

export interface Declared {
  flow: string;
  /** The step before. */
  before: string;
  print: number;
}

const NONE: ReadonlyMap<string, readonly Declared[]> = new Map();
const compiled = new WeakMap<Rules, ReadonlyMap<string, readonly Declared[]>>();

function stepsOf(rules: Rules): ReadonlyMap<string, readonly Declared[]> {
  if (rules.flows.length === 0) return NONE;
  const known = compiled.get(rules);
  if (known) return known;
  const steps = new Map<string, Declared[]>();
  for (const { name, steps: names } of rules.flows) {
    names.forEach((endpoint, index) => {
      const before = names[index - 1];
      if (before === undefined || before === endpoint) return;
      steps.set(endpoint, [...(steps.get(endpoint) ?? []), { flow: name, before, print: fingerprint(before) }]);
    });
  }
  compiled.set(rules, steps);
  return steps;
}

/** What was declared to come before an endpoint. */
export const declaredBefore = (endpoint: string, rules: Rules): readonly Declared[] => stepsOf(rules).get(endpoint) ?? [];
