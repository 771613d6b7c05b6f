/** How far a decision has come, in words. Names are the hosts' own: shown as text, never more than a few. */
import type { Reach } from '@plimsoll/contracts';
import { exact, milliseconds } from '../format.js';

const named = (names: readonly string[], total: number): string =>
  total > names.length ? `${names.join(', ')} and ${exact(total - names.length)} more` : names.join(', ');

/** `37 of 37 instances enforce it, p99 180 ms`. */
export function reachText({ instances, enforcing, p99Ms }: Reach): string {
  if (instances === 0) return 'no instance is connected';
  const verb = enforcing === 1 ? 'enforces' : 'enforce';
  return `${exact(enforcing)} of ${exact(instances)} instance${instances === 1 ? '' : 's'} ${verb} it${p99Ms === null ? '' : `, p99 ${milliseconds(p99Ms)}`}`;
}

/** `1 behind: api-7`, `2 vanished: api-1, api-2`; empty where all is well. */
export function troubleTexts({ behind, behindTotal, vanished, vanishedTotal }: Reach): string[] {
  return [
    ...(behindTotal === 0 ? [] : [`${exact(behindTotal)} behind: ${named(behind, behindTotal)}`]),
    ...(vanishedTotal === 0 ? [] : [`${exact(vanishedTotal)} vanished: ${named(vanished, vanishedTotal)}`]),
  ];
}
