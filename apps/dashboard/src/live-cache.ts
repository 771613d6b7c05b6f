/**
 * Writes what the live channel says into the query cache, so that every list and page shows it without asking again.
 * A known alert is updated where it stands instead of jumping to the top: ongoing alerts change every second, and a
 * list that moves under the pointer makes people click the wrong row. New ones come on top.
 */
import type { Alert, AlertDetail, Decision } from '@plimsoll/contracts';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { serverNow } from './clock.js';
import type { AlertFilters, DecisionFilters } from './queries.js';

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
type Pages<T> = InfiniteData<Page<T>, string | undefined>;

const holds = <T>(chosen: readonly T[] | undefined, value: T) => !chosen?.length || chosen.includes(value);

/** As the server reads it: subject, endpoint and explanation, in whatever case. */
const holdsText = (text: string | undefined, { subject, endpoint, explanation }: Alert) =>
  !text || `${subject.id} ${endpoint ?? ''} ${explanation}`.toLowerCase().includes(text.toLowerCase());

const holdsAssignee = (assignee: string | undefined, alert: Alert) => !assignee || (alert.assignee?.id ?? 'none') === assignee;

/**
 * Whether an alert belongs into a list with these filters: the same rule as the server's.
 * @param known it is in the list: what only the server can say, whom a comment mentions and which campaigns are listed, was so then.
 */
export function matchesAlert(filters: AlertFilters, alert: Alert, known = false): boolean {
  return (
    holds(filters.state, alert.state) &&
    holds(filters.kind, alert.kind) &&
    holds(filters.severity, alert.severity) &&
    (!filters.service || filters.service === alert.service) &&
    (!filters.subject || alert.subject.id.includes(filters.subject)) &&
    holdsText(filters.text, alert) &&
    holdsAssignee(filters.assignee, alert) &&
    (!filters.campaign || filters.campaign === alert.campaign) &&
    (filters.since === undefined || alert.lastAt >= filters.since) &&
    (filters.before === undefined || alert.lastAt < filters.before) &&
    (known || !filters.mentioned) &&
    (known || !filters.group || alert.campaign === null)
  );
}

/** Neither ended nor lifted, in whatever mode. */
export const isStanding = (decision: Decision, now: number): boolean => decision.liftedAt === null && decision.until > now;

/** Enforced by bouncers now. */
export const isActive = (decision: Decision, now: number): boolean =>
  isStanding(decision, now) && decision.mode === 'enforced' && decision.action !== 'monitor';

export function matchesDecision(filters: DecisionFilters, decision: Decision, now: number): boolean {
  return (
    (filters.active === undefined || filters.active === (filters.mode ? isStanding : isActive)(decision, now)) &&
    (!filters.mode || filters.mode === decision.mode) &&
    (!filters.service || filters.service === decision.service) &&
    (!filters.subject || decision.subject.id.includes(filters.subject))
  );
}

/** Beyond this many, what live events add is let go and the list begins anew with its first page. */
export const MAX_LISTED = 2_000;

/**
 * Replaces, removes or prepends items of a paged list, newest last in `changes`; the same object comes back where nothing
 * changes.
 */
export function patchPages<T extends { id: string }>(
  data: Pages<T>,
  changes: ReadonlyMap<string, T>,
  belongs: (item: T, known: boolean) => boolean,
): Pages<T> {
  const known = new Set<string>();
  let changed = false;
  const pages = data.pages.map((page) => {
    const items = page.items.flatMap((old) => {
      const item = changes.get(old.id);
      if (!item) return [old];
      known.add(old.id);
      return belongs(item, true) ? [item] : [];
    });
    const same = items.length === page.items.length && items.every((item, index) => item === page.items[index]);
    changed ||= !same;
    return same ? page : { ...page, items };
  });
  const fresh = [...changes.values()].filter((item) => !known.has(item.id) && belongs(item, false)).reverse();
  const [first, ...rest] = pages;
  if (!first || fresh.length === 0) return changed ? { ...data, pages } : data;
  return { ...data, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] };
}

function patchLists<T extends { id: string }, F>(
  client: QueryClient,
  key: string,
  items: readonly T[],
  belongs: (filters: F, item: T, known: boolean) => boolean,
): void {
  const changes = new Map(items.map((item) => [item.id, item]));
  for (const query of client.getQueryCache().findAll({ queryKey: [key] })) {
    const data = query.state.data as Pages<T> | undefined;
    if (!data) continue;
    const filters = query.queryKey[1] as F;
    const next = patchPages(data, changes, (item, known) => belongs(filters, item, known));
    if (next === data) continue;
    const tooLong = next.pages.reduce((sum, page) => sum + page.items.length, 0) > MAX_LISTED;
    client.setQueryData<Pages<T>>(query.queryKey, tooLong ? begin(next) : next);
    if (tooLong) void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
  }
}

/** What is seen first, until the server's first page has come with its cursor. */
function begin<T>(data: Pages<T>): Pages<T> {
  return { pages: [{ items: data.pages[0]?.items.slice(0, 100) ?? [], nextCursor: null }], pageParams: [undefined] };
}

/** Alerts as they are now, from the live channel or from the answer to a person's act; of several the last is newest. */
export function applyAlerts(client: QueryClient, alerts: readonly Alert[]): void {
  patchLists<Alert, AlertFilters>(client, 'alerts', alerts, matchesAlert);
  for (const alert of alerts) {
    client.setQueryData<AlertDetail>(['alert', alert.id], (detail) => detail && { ...detail, alert });
  }
}

/** Decisions as they are now: in the lists, and on the pages of the alerts about their subjects. */
export function applyDecisions(client: QueryClient, decisions: readonly Decision[]): void {
  const now = serverNow();
  patchLists<Decision, DecisionFilters>(client, 'decisions', decisions, (filters, decision) =>
    matchesDecision(filters, decision, now),
  );
  for (const query of client.getQueryCache().findAll({ queryKey: ['alert'] })) {
    client.setQueryData<AlertDetail>(query.queryKey, (detail) => detail && decisions.reduce(withDecision, detail));
  }
}

function withDecision(detail: AlertDetail, decision: Decision): AlertDetail {
  const { alert, decisions } = detail;
  const { type, id } = decision.subject;
  const same = alert.service === decision.service && alert.subject.type === type && alert.subject.id === id;
  if (!same && decision.alertId !== alert.id) return detail;
  const others = decisions.filter((each) => each.id !== decision.id);
  return { ...detail, decisions: [decision, ...others].sort((a, b) => b.createdAt - a.createdAt) };
}
