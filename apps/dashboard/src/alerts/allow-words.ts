/** What it means to put somebody on the allow-list. Pure, so that it can be tested. */
import type { Alert, AllowList, Decision, EnforceableSubject } from '@plimsoll/contracts';
import { exact } from '../format.js';
import { actionNames } from '../words.js';

const lists: Record<EnforceableSubject['type'], keyof AllowList> = {
  actor: 'actors',
  address: 'addresses',
  credential: 'credentials',
};

/** The list with the subject; the same one where it is there already. */
export function allowed(allow: AllowList, { type, id }: EnforceableSubject): AllowList {
  const list = lists[type];
  return allow[list].includes(id) ? allow : { ...allow, [list]: [...allow[list], id] };
}

/** @param alerts about the subject or its campaign. @param standing decisions about it. */
export function consequences(
  alerts: readonly Alert[],
  { type, id }: EnforceableSubject,
  standing: readonly Decision[],
): string[] {
  const own = alerts.filter(({ subject }) => subject.type === type && subject.id === id);
  const confirmed = own.filter(({ verdict }) => verdict === 'true-positive').length;
  const graver = own.filter(({ severity }) => severity === 'critical' || severity === 'high').length;
  const actions = [...new Set(standing.map(({ action }) => actionNames[action].toLowerCase()))].join(' and ');
  return [
    `${exact(own.length)} ${own.length === 1 ? 'alert is' : 'alerts are'} known about it, ${exact(graver)} of them high or critical. Such as these will be raised no more.`,
    confirmed > 0 && `${exact(confirmed)} of them ${confirmed === 1 ? 'was' : 'were'} confirmed as an attack.`,
    standing.length > 0 && `What holds it back now (${actions}) ends.`,
  ].filter((text): text is string => text !== false);
}
