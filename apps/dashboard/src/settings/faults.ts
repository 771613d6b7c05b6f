/**
 * What is wrong with the settings, by the path of the value: `groups.0.addresses.2`. The page checks by the contract's
 * own schema, as the build has compiled it, before it asks, and the server's answer names its fields in the same way, so both end in one map.
 */

import { settingsPatch } from 'virtual:contract';
import { settingsRules } from '@plimsoll/contracts';
import { check } from '../contract/shape.js';
import { ApiError } from '../http.js';

export type Faults = ReadonlyMap<string, string>;
export const noFaults: Faults = new Map();

/** Faults of a change before it is sent. */
export function faultsIn(change: object): Faults {
  const read = check(settingsPatch, change, settingsRules);
  return read.type === 'sound' ? noFaults : new Map(read.faults.map(({ path, reason }) => [path, reason]));
}

/** Faults that the server named; `undefined` where the answer was about something else. */
export function faultsOf(error: Error | null): Faults | undefined {
  const problem = error instanceof ApiError && error.fault.type === 'problem' ? error.fault.problem : undefined;
  const fields = problem?.errors?.map(({ field, reason }) => [field.replace(/^body\.settings\.?/, ''), reason] as const);
  return fields?.length ? new Map(fields) : undefined;
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
