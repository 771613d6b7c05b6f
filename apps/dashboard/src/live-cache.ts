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

/** Whether an alert belongs into a list with these filters: the same rule as the server's. */
export function matchesAlert(filters: AlertFilters, alert: Alert): boolean {
  return (
    holds(filters.state, alert.state) &&
    holds(filters.kind, alert.kind) &&
    holds(filters.severity, alert.severity) &&
    (!filters.service || filters.service === alert.service) &&
    (!filters.subject || alert.subject.id.includes(filters.subject))
  );
}

export function isActive(decision: Decision, now: number): boolean {
  return decision.liftedAt === null && decision.until > now;
}

export function matchesDecision(filters: DecisionFilters, decision: Decision, now: number): boolean {
  return (
    (filters.active === undefined || filters.active === isActive(decision, now)) &&
    (!filters.service || filters.service === decision.service) &&
    (!filters.subject || decision.subject.id.includes(filters.subject))
  );
}

/** Replaces, removes or prepends an item of a paged list; the same object comes back where nothing changes. */
export function patchPages<T extends { id: string }>(data: Pages<T>, item: T, belongs: boolean): Pages<T> {
  const known = data.pages.some((page) => page.items.some(({ id }) => id === item.id));
  if (!known && !belongs) return data;
  if (!known) {
    const [first, ...rest] = data.pages;
    return first ? { ...data, pages: [{ ...first, items: [item, ...first.items] }, ...rest] } : data;
  }
  const replace = (items: T[]) =>
    belongs ? items.map((old) => (old.id === item.id ? item : old)) : items.filter(({ id }) => id !== item.id);
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: replace(page.items) })) };
}

function patchLists<T extends { id: string }, F>(
  client: QueryClient,
  key: string,
  item: T,
  belongs: (filters: F) => boolean,
): void {
  for (const query of client.getQueryCache().findAll({ queryKey: [key] })) {
    const filters = query.queryKey[1] as F;
    client.setQueryData<Pages<T>>(query.queryKey, (data) => data && patchPages(data, item, belongs(filters)));
  }
}

/** An alert as it is now, from the live channel or from the answer to a person's act. */
export function applyAlert(client: QueryClient, alert: Alert): void {
  patchLists<Alert, AlertFilters>(client, 'alerts', alert, (filters) => matchesAlert(filters, alert));
  client.setQueryData<AlertDetail>(['alert', alert.id], (detail) => detail && { ...detail, alert });
}

/** A decision as it is now: in the lists, and on the pages of the alerts about its subject. */
export function applyDecision(client: QueryClient, decision: Decision): void {
  const now = serverNow();
  patchLists<Decision, DecisionFilters>(client, 'decisions', decision, (filters) => matchesDecision(filters, decision, now));
  for (const query of client.getQueryCache().findAll({ queryKey: ['alert'] })) {
    client.setQueryData<AlertDetail>(query.queryKey, (detail) => detail && withDecision(detail, decision));
  }
}

function withDecision(detail: AlertDetail, decision: Decision): AlertDetail {
  const { alert, decisions } = detail;
  const same = alert.service === decision.service && alert.subject.type === decision.subject.type;
  if (!same || alert.subject.id !== decision.subject.id) return detail;
  const others = decisions.filter(({ id }) => id !== decision.id);
  return { ...detail, decisions: [decision, ...others].sort((a, b) => b.createdAt - a.createdAt) };
}
