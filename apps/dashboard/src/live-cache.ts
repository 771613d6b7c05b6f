/**
 * Writes what the live channel says into the query cache, so that every list and page shows it without asking again.
 * A known alert is updated where it stands instead of jumping to the top: ongoing alerts change every second, and a
 * list that moves under the pointer makes people click the wrong row. New ones come on top, or wait while somebody reads.
 */
import type { Alert, AlertDetail, Decision, EnforceableSubject, Subject } from '@plimsoll/contracts';
import type { InfiniteData, Query, QueryClient } from '@tanstack/react-query';
import { serverNow } from './clock.js';
import { watchAnswers, writeAgain } from './during-fetch.js';
import { heldAddress } from './held-address.js';
import { HeldLists } from './held-lists.js';
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

const holdsEndpoint = (name: string | undefined, { endpoint, subject }: Alert) =>
  name === undefined || endpoint === name || (subject.type === 'endpoint' && subject.id === name);

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
    (!filters.subjectType || filters.subjectType === alert.subject.type) &&
    (filters.subjectId === undefined || filters.subjectId === alert.subject.id) &&
    holdsEndpoint(filters.endpoint, alert) &&
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
    (!filters.origin || filters.origin === decision.origin.type) &&
    (!filters.service || filters.service === decision.service) &&
    (!filters.subject || decision.subject.id.includes(filters.subject)) &&
    (!filters.subjectType || filters.subjectType === decision.subject.type) &&
    (filters.subjectId === undefined || holdsId(decision.subject, filters.subjectId)) &&
    (filters.endpoint === undefined || decision.endpoint === null || decision.endpoint === filters.endpoint)
  );
}

const holdsId = ({ type, id }: EnforceableSubject, other: string) =>
  id === other || (type === 'address' && id === heldAddress(other));

/** It is about this subject, or about the network that this address is of. */
const holdsSubject = ({ subject }: Decision, { type, id }: Subject) => subject.type === type && holdsId(subject, id);

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

const lengthOf = <T>({ pages }: Pages<T>): number => pages.reduce((sum, page) => sum + page.items.length, 0);

/** The lists under a key, each with what belongs into it. */
function* listsOf<T, F>(client: QueryClient, key: string, belongs: (filters: F, item: T, known: boolean) => boolean) {
  for (const query of client.getQueryCache().findAll({ queryKey: [key] })) {
    yield { query, own: (item: T, known: boolean) => belongs(query.queryKey[1] as F, item, known) };
  }
}

const dataOf = <T>(query: Query) => query.state.data as Pages<T> | undefined;
const itemsOf = <T>(query: Query): T[] => dataOf<T>(query)?.pages.flatMap(({ items }) => items) ?? [];

interface Versioned {
  id: string;
  version: number;
  lastAt?: number;
}

const isOlder = (item: Versioned, than: Versioned | undefined): boolean =>
  than !== undefined &&
  (item.version < than.version || (item.version === than.version && (item.lastAt ?? 0) < (than.lastAt ?? 0)));

/** Without what the list has in a newer state by now. */
function stillNew<T extends Versioned>(query: Query, changes: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const listed = new Map(itemsOf<T>(query).map((item) => [item.id, item]));
  return new Map([...changes].filter(([id, item]) => !isOlder(item, listed.get(id))));
}

function patch<T extends Versioned>(
  client: QueryClient,
  query: Query,
  changes: ReadonlyMap<string, T>,
  belongs: (item: T, known: boolean) => boolean,
): void {
  const data = dataOf<T>(query);
  if (data) write(client, query, data, patchPages(data, changes, belongs));
}

function write<T>(client: QueryClient, query: Query, before: Pages<T>, next: Pages<T>): void {
  if (next === before) return;
  // Only what live events add makes a list begin anew, never what somebody scrolled to.
  const tooLong = lengthOf(next) > MAX_LISTED && lengthOf(next) > lengthOf(before);
  client.setQueryData<Pages<T>>(query.queryKey, tooLong ? begin(next) : next);
  if (tooLong) void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
}

/** What is seen first, until the server's first page has come with its cursor. */
function begin<T>(data: Pages<T>): Pages<T> {
  return { pages: [{ items: data.pages[0]?.items.slice(0, 100) ?? [], nextCursor: null }], pageParams: [undefined] };
}

/** What waits for lists of alerts that somebody reads. */
export const heldAlerts = new HeldLists<Alert>();

/** Lets no answer overwrite what was told while it was on its way; a list asked for anew has what waited for it. @returns ends it */
export const keepThroughAnswers = (client: QueryClient): (() => void) =>
  watchAnswers(client, (query, more) => {
    if (!heldAlerts.isHeld(query.queryHash)) return;
    if (more)
      heldAlerts.wait(
        query.queryHash,
        [],
        itemsOf<Alert>(query).map(({ id }) => id),
      );
    else heldAlerts.empty(query.queryHash);
  });

/** Alerts as they are now, by the answer to a person's act: it is seen at once where it belongs. Of several the last is newest. */
export function applyAlerts(client: QueryClient, alerts: readonly Alert[]): void {
  const changes = new Map(alerts.map((alert) => [alert.id, alert]));
  for (const { query, own } of listsOf<Alert, AlertFilters>(client, 'alerts', matchesAlert)) {
    patch(client, query, changes, own);
    heldAlerts.wait(query.queryHash, [], [...changes.keys()]);
    writeAgain(query, () => patch(client, query, stillNew(query, changes), own));
  }
  updatePages(client, alerts);
}

/** The same by the live channel: what is new waits where somebody reads. */
export function receiveAlerts(client: QueryClient, alerts: readonly Alert[]): void {
  const changes = new Map(alerts.map((alert) => [alert.id, alert]));
  for (const { query, own } of listsOf<Alert, AlertFilters>(client, 'alerts', matchesAlert)) {
    receive(client, query, changes, own);
    writeAgain(query, () => receive(client, query, stillNew(query, changes), own));
  }
  updatePages(client, alerts);
}

function receive(
  client: QueryClient,
  query: Query,
  changes: ReadonlyMap<string, Alert>,
  own: (alert: Alert, known: boolean) => boolean,
): void {
  const listed = new Set(itemsOf<Alert>(query).map(({ id }) => id));
  const held = heldAlerts.isHeld(query.queryHash);
  patch(client, query, changes, (alert, known) => (known || !held) && own(alert, known));
  if (!held) return;
  const waits = (alert: Alert) => !listed.has(alert.id) && own(alert, false);
  const changed = [...changes.values()];
  heldAlerts.wait(
    query.queryHash,
    changed.filter(waits),
    changed.filter((alert) => !waits(alert)).map(({ id }) => id),
  );
}

/** What waited comes into its list; one that too much has waited for begins anew, from the server. */
export function releaseAlerts(client: QueryClient, queryKey: readonly unknown[], hash: string): void {
  const waited = heldAlerts.release(hash);
  const query = client.getQueryCache().get(hash);
  const data = query && dataOf<Alert>(query);
  if (!query || !data) return;
  if (waited) {
    // What is listed by now was told of since it waited.
    const listed = new Set(itemsOf<Alert>(query).map(({ id }) => id));
    const fresh = new Map(waited.filter(({ id }) => !listed.has(id)).map((alert) => [alert.id, alert]));
    const put = () =>
      patch(client, query, stillNew(query, fresh), (alert, known) => matchesAlert(queryKey[1] as AlertFilters, alert, known));
    put();
    writeAgain(query, put);
    return;
  }
  client.setQueryData<Pages<Alert>>(queryKey, begin(data));
  void client.invalidateQueries({ queryKey, exact: true });
}

function updatePages(client: QueryClient, alerts: readonly Alert[]): void {
  for (const alert of alerts) {
    const query = client.getQueryCache().find({ queryKey: ['alert', alert.id] });
    if (!query) continue;
    const put = (detail: AlertDetail | undefined) => detail && { ...detail, alert };
    client.setQueryData<AlertDetail>(query.queryKey, put);
    writeAgain(query, () =>
      client.setQueryData<AlertDetail>(query.queryKey, (detail) => (isOlder(alert, detail?.alert) ? detail : put(detail))),
    );
  }
}

/** Decisions as they are now: in the lists, and on the pages of the alerts about their subjects. */
export function applyDecisions(client: QueryClient, decisions: readonly Decision[]): void {
  const changes = new Map(decisions.map((decision) => [decision.id, decision]));
  const belongs = (filters: DecisionFilters, decision: Decision) => matchesDecision(filters, decision, serverNow());
  for (const { query, own } of listsOf<Decision, DecisionFilters>(client, 'decisions', belongs)) {
    patch(client, query, changes, own);
    writeAgain(query, () => patch(client, query, stillNew(query, changes), own));
  }
  for (const query of client.getQueryCache().findAll({ queryKey: ['alert'] })) {
    const put = () => {
      client.setQueryData<AlertDetail>(query.queryKey, (detail) => detail && decisions.reduce(withDecision, detail));
    };
    put();
    writeAgain(query, put);
  }
}

function withDecision(detail: AlertDetail, decision: Decision): AlertDetail {
  const { alert, decisions } = detail;
  const about = alert.service === decision.service && holdsSubject(decision, alert.subject);
  if (!about && decision.alertId !== alert.id) return detail;
  if (decisions.some((each) => each.id === decision.id && isOlder(decision, each))) return detail;
  const others = decisions.filter((each) => each.id !== decision.id);
  return { ...detail, decisions: [decision, ...others].sort((a, b) => b.createdAt - a.createdAt) };
}
