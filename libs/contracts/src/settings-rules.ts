/**
 * Rules of the settings that say more than a type and its bounds, without the library of schemas: the schema checks with them, and so
 * does the page before it asks. A rule hears a value whose parts have the right types.
 */
import { severities, stepActions } from './names.js';

/** What is wrong, and where in the value. */
export interface RuleFault {
  path: (string | number)[];
  message: string;
}

// What a rule needs of a value: the types of the schemas would be made of the rules, and these of them.
interface Step {
  action: (typeof stepActions)[number];
  seconds: number;
}
interface Rung {
  endpoint?: string | undefined;
  kind?: string | undefined;
  severity?: (typeof severities)[number] | undefined;
}

/** Names every entry whose text another one before it has. */
function unlikeEachOther<T>(items: readonly T[], textOf: (item: T) => string, field?: string): RuleFault[] {
  const first = new Map<string, number>();
  return items.flatMap((item, index) => {
    const text = textOf(item);
    const before = first.get(text);
    if (before === undefined) {
      first.set(text, index);
      return [];
    }
    const message = `“${text.slice(0, 80)}” is there already, as number ${before + 1}`;
    return [{ path: field === undefined ? [index] : [index, field], message }];
  });
}

/** Harder first of all, then longer: positive where `a` is more than `b`. */
const compareSteps = (a: Step, b: Step): number =>
  stepActions.indexOf(a.action) - stepActions.indexOf(b.action) || a.seconds - b.seconds;

function rising(steps: readonly Step[]): RuleFault[] {
  return steps.flatMap((step, index) => {
    const before = steps[index - 1];
    if (before === undefined || compareSteps(step, before) > 0) return [];
    return [{ path: [index], message: `harder or longer than the step before it (${before.action} for ${before.seconds} s)` }];
  });
}

const coversAll = (one: Rung, other: Rung): boolean =>
  (one.endpoint === undefined || one.endpoint === other.endpoint) &&
  (one.kind === undefined || one.kind === other.kind) &&
  severities.indexOf(one.severity ?? 'low') <= severities.indexOf(other.severity ?? 'low');

function reached(ladder: readonly Rung[]): RuleFault[] {
  return ladder.flatMap((rule, index) => {
    const before = ladder.slice(0, index).findIndex((earlier) => coversAll(earlier, rule));
    return before < 0
      ? []
      : [{ path: [index], message: `never reached: number ${before + 1} matches everything that it matches` }];
  });
}

/** `::ffff:10.0.0.0/104` is 10.0.0.0/8; a shorter prefix would hold every v4 address, which nobody means. */
const isWhole = (range: string): boolean =>
  !/^[0:]*:ffff:/i.test(range) || !range.includes('/') || Number(range.split('/')[1]) >= 96;

const one = (wrong: boolean, message: string, path: string[] = []): RuleFault[] => (wrong ? [{ path, message }] : []);

export const settingsRules = {
  rising,
  reached,
  wholeRange: (range: string) =>
    one(!isWhole(range), 'a range of v4 addresses mapped into v6 needs at least /96; write it as 10.0.0.0/8'),
  notEverybody: (ids: readonly string[]) => one(ids.includes('*'), 'a * alone would allow everybody'),
  // As it is sent: a list that is left out is empty.
  hasMembers: ({ actors = [], addresses = [] }: { actors?: readonly string[]; addresses?: readonly string[] }) =>
    one(actors.length + addresses.length === 0, 'at least one user or address, else nobody is in the group', ['actors']),
  uniqueSteps: (steps: readonly string[]) => unlikeEachOther(steps, (step) => step),
  uniqueNames: (items: readonly { name: string }[]) => unlikeEachOther(items, ({ name }) => name, 'name'),
  uniqueEndpoints: (items: readonly { endpoint: string }[]) => unlikeEachOther(items, ({ endpoint }) => endpoint, 'endpoint'),
} as const;

export type SettingsRule = keyof typeof settingsRules;
type Ruled<R extends SettingsRule> = Parameters<(typeof settingsRules)[R]>[0];

/** The rule as a check of a schema; its name stays readable on the check, for whoever makes other checks of the schema. */
export function byRule<R extends SettingsRule>(rule: R) {
  const faultsOf = settingsRules[rule] as (value: Ruled<R>) => RuleFault[];
  const check = ({ value, issues }: { value: Ruled<R>; issues: unknown[] }): void => {
    // `continue`: the fault of one rule keeps no other rule from being heard.
    for (const fault of faultsOf(value)) issues.push({ code: 'custom', input: value, continue: true, ...fault });
  };
  return Object.assign(check, { rule });
}
