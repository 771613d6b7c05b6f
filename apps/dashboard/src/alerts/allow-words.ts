/** What it means to put somebody on the allow-list. Pure, so that it can be tested. */
import type { Alert, AllowList, Decision, EnforceableSubject, HarmPreview } from '@plimsoll/contracts';
import { HARM_DAYS } from '../decisions/harm-words.js';
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

/** Alerts that the server names as related, at most. */
const MOST_RELATED = 50;

/** @param related alerts about the subject or its campaign, with this one. @param standing decisions about it. */
export function consequences(
  related: readonly Alert[],
  { type, id }: EnforceableSubject,
  standing: readonly Decision[],
): string[] {
  const own = related.filter(({ subject }) => subject.type === type && subject.id === id);
  const confirmed = own.filter(({ verdict }) => verdict === 'true-positive').length;
  const graver = own.filter(({ severity }) => severity === 'critical' || severity === 'high').length;
  const actions = [...new Set(standing.map(({ action }) => actionNames[action].toLowerCase()))].join(' and ');
  const least = related.length > MOST_RELATED ? 'At least ' : '';
  return [
    `${least}${exact(own.length)} ${own.length === 1 ? 'alert is' : 'alerts are'} known about it, ${exact(graver)} of them high or critical. Such as these will be raised no more.`,
    confirmed > 0 && `${exact(confirmed)} of them ${confirmed === 1 ? 'was' : 'were'} confirmed as an attack.`,
    standing.length > 0 && `What holds it back now (${actions}) ends.`,
  ].filter((text): text is string => text !== false);
}

/** What it asked for in the last days, which the history tells as what a block of it would have refused. */
export function askedText({ subjects: [hit] }: Pick<HarmPreview, 'subjects'>): string {
  const made = `In the last ${HARM_DAYS} days it made`;
  if (!hit) return `${made} no requests.`;
  return `${made} ${exact(hit.requests)} ${hit.requests === 1 ? 'request' : 'requests'}: such as these are no longer judged or learnt from.`;
}
