/**
 * What is wrong with the settings, by the path of the value: `groups.0.addresses.2`. The page checks with the contract's
 * own schema before it asks, and the server's answer names its fields in the same way, so both end in one map.
 */
import { settingsPatchSchema } from '@plimsoll/contracts';
import type { z } from 'zod';
import { ApiError } from '../http.js';

export type Faults = ReadonlyMap<string, string>;
export const noFaults: Faults = new Map();

/** Faults of a change before it is sent. */
export function faultsIn(change: object): Faults {
  const read = settingsPatchSchema.safeParse(change);
  return read.success ? noFaults : new Map(read.error.issues.map((issue) => [issue.path.join('.'), reasonOf(issue)]));
}

/** Faults that the server named; `undefined` where the answer was about something else. */
export function faultsOf(error: Error | null): Faults | undefined {
  const problem = error instanceof ApiError && error.fault.type === 'problem' ? error.fault.problem : undefined;
  const fields = problem?.errors?.map(({ field, reason }) => [field.replace(/^body\.settings\.?/, ''), reason] as const);
  return fields?.length ? new Map(fields) : undefined;
}

/** The contract's sentences say what a value must be; the library's general ones are put into the same words. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'int') return 'must be a whole number';
      return issue.expected === 'number' ? 'must be a number' : issue.message;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return issue.origin === 'array' ? `needs at least ${issue.minimum}` : `must be at least ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `must have at most ${issue.maximum} characters`;
      return issue.origin === 'array' ? `may have at most ${issue.maximum}` : `must be at most ${issue.maximum}`;
    case 'invalid_format':
    case 'invalid_union':
      return /^(must|may|needs)\b/.test(issue.message) ? issue.message : `must be ${issue.message}`;
    default:
      return issue.message;
  }
}

/** The fault at a path itself. */
export const faultAt = (faults: Faults, path: string): string | undefined => faults.get(path);

/** Faults anywhere below a path: for the heading of a section or a closed row. */
export const faultsBelow = (faults: Faults, path: string): number =>
  [...faults.keys()].filter((each) => each === path || each.startsWith(`${path}.`)).length;

/** Faults of a list typed as lines, each with the line that it is about. */
export function lineFaults(faults: Faults, path: string, lines: readonly string[]): string | undefined {
  const found = [...faults].flatMap(([each, reason]) => {
    if (each === path) return [reason];
    const index = each.startsWith(`${path}.`) ? Number(each.slice(path.length + 1)) : Number.NaN;
    return Number.isInteger(index) ? [`“${(lines[index] ?? '').slice(0, 60)}”: ${reason}`] : [];
  });
  if (found.length <= MAX_SHOWN) return found.length > 0 ? found.join('; ') : undefined;
  return `${found.slice(0, MAX_SHOWN).join('; ')}; and ${found.length - MAX_SHOWN} more`;
}

const MAX_SHOWN = 3;
