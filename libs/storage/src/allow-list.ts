/** The allow-list of a service where decisions are made and handed out: nobody decides about who is on it. */
import { type AllowList, DEFAULT_SETTINGS, type EnforceableSubject, storedSettings } from '@plimsoll/contracts';
import { rulesOf } from '@plimsoll/detection';

const EMPTY = DEFAULT_SETTINGS.allow;

/** The list within stored settings. Read by itself: decisions are made while thousands wait. */
export function allowListIn(settings: unknown): AllowList {
  const { allow } = (settings ?? {}) as { allow?: AllowList };
  return allow === undefined ? EMPTY : storedSettings({ allow }).allow;
}

const isEmpty = ({ actors, addresses, credentials }: AllowList): boolean =>
  actors.length + addresses.length + credentials.length === 0;

/** Whether the list within stored settings has the whole of a subject: of `2001:db8::/64` every address. */
export function allows(settings: unknown, { type, id }: EnforceableSubject): boolean {
  const allow = allowListIn(settings);
  return !isEmpty(allow) && rulesOf({ ...DEFAULT_SETTINGS, allow }).allowsSubject(type, id);
}
