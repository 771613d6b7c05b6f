import type { Alert, AlertDetail } from '@plimsoll/contracts';
import { hashKey, QueryClient, type QueryKey } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  applyAlerts,
  applyDecisions,
  heldAlerts,
  keepThroughAnswers,
  MAX_LISTED,
  matchesAlert,
  matchesDecision,
  type Page,
  patchPages,
  receiveAlerts,
  releaseAlerts,
} from './live-cache.js';
import { alertsQuery, decisionsQuery } from './queries.js';
import { alertOf, decisionOf, noParties } from './samples.fixture.js';

const pages = <T>(...lists: T[][]) => ({
  pages: lists.map((items): Page<T> => ({ items, nextCursor: null })),
  pageParams: lists.map(() => undefined),
});
const ids = (data: { pages: Page<{ id: string }>[] } | undefined) => data?.pages.map(({ items }) => items.map(({ id }) => id));

describe('patching a paged list', () => {
  const data = pages([alertOf({ id: 'a' }), alertOf({ id: 'b' })], [alertOf({ id: 'c' })]);
  const patch = (items: Alert[], belongs = true) =>
    patchPages(data, new Map(items.map((item) => [item.id, item])), () => belongs);
  it('updates known items where they stand', () => {
    const next = patch([alertOf({ id: 'c', count: 99 })]);
    expect(ids(next)).toEqual([['a', 'b'], ['c']]);
    expect(next.pages[1]?.items[0]?.count).toBe(99);
    expect(next.pages[0]).toBe(data.pages[0]);
  });
  it('puts new ones on top, the newest first', () => {
    expect(ids(patch([alertOf({ id: 'n' }), alertOf({ id: 'a' }), alertOf({ id: 'm' })]))).toEqual([['m', 'n', 'a', 'b'], ['c']]);
  });
  it('takes out what no longer belongs', () => expect(ids(patch([alertOf({ id: 'b' })], false))).toEqual([['a'], ['c']]));
  it('leaves the very same list where nothing changes', () => expect(patch([alertOf({ id: 'n' })], false)).toBe(data));
});

describe('filters mean what they mean on the server', () => {
  it.each<[Parameters<typeof matchesAlert>[0], Partial<Alert>, boolean]>([
    [{}, {}, true],
    [{ state: ['open', 'acknowledged'] }, { state: 'resolved' }, false],
    [{ state: ['open', 'acknowledged'] }, { state: 'acknowledged' }, true],
    [{ kind: ['probing'] }, { kind: 'rate' }, false],
    [{ severity: ['high', 'critical'] }, { severity: 'critical' }, true],
    [{ service: 'shop' }, { service: 'shop-2' }, false],
    [{ subject: 'er-0' }, { subject: { type: 'actor', id: 'user-07' } }, true],
    [{ subject: 'USER' }, { subject: { type: 'actor', id: 'user-07' } }, false],
    [{ subjectType: 'actor', subjectId: 'user-07' }, {}, true],
    [{ subjectType: 'address', subjectId: 'user-07' }, {}, false],
    [{ subjectId: 'user-0' }, {}, false],
    [{ endpoint: 'GET /products' }, {}, true],
    [{ endpoint: 'GET /product' }, {}, false],
    [{ endpoint: 'GET /a' }, { endpoint: null, subject: { type: 'endpoint', id: 'GET /a' } }, true],
    [{ subject: '%' }, { subject: { type: 'actor', id: 'user-07' } }, false],
  ])('%o and %o: %s', (filters, part, belongs) => {
    expect(matchesAlert(filters, alertOf(part))).toBe(belongs);
  });
  it('a decision is active until it ends or is lifted', () => {
    expect(matchesDecision({ active: true }, decisionOf({ until: 100 }), 99)).toBe(true);
    expect(matchesDecision({ active: true }, decisionOf({ until: 100 }), 100)).toBe(false);
    expect(matchesDecision({ active: true }, decisionOf({ until: 100, liftedAt: 50 }), 60)).toBe(false);
    expect(matchesDecision({ active: false }, decisionOf({ until: 100, liftedAt: 50 }), 60)).toBe(true);
    expect(matchesDecision({}, decisionOf(), 0)).toBe(true);
  });
  it('a decision on a network is about each address in it', () => {
    const held = decisionOf({ subject: { type: 'address', id: '2001:db8:0:1::/64' } });
    expect(matchesDecision({ subjectType: 'address', subjectId: '2001:db8:0:1::9' }, held, 0)).toBe(true);
    expect(matchesDecision({ subjectType: 'address', subjectId: '2001:db8:0:2::9' }, held, 0)).toBe(false);
    expect(matchesDecision({ subjectType: 'actor', subjectId: '2001:db8:0:1::9' }, held, 0)).toBe(false);
  });
  it('a decision that holds everywhere holds on each endpoint', () => {
    const holds = (endpoint: string | null) => matchesDecision({ endpoint: 'GET /a' }, decisionOf({ endpoint }), 0);
    expect([holds('GET /a'), holds(null), holds('GET /b')]).toEqual([true, true, false]);
  });
  it('a decision that is not enforced is in no list of those in force, and in the list of its mode', () => {
    const now = 1;
    for (const mode of ['dry-run', 'pending'] as const) {
      expect(matchesDecision({ active: true }, decisionOf({ mode }), now)).toBe(false);
      expect(matchesDecision({ active: true, mode }, decisionOf({ mode }), now)).toBe(true);
      expect(matchesDecision({ active: true, mode }, decisionOf({ mode, liftedAt: 1 }), now)).toBe(false);
      expect(matchesDecision({ mode }, decisionOf(), now)).toBe(false);
    }
    expect(matchesDecision({ active: true }, decisionOf({ action: 'monitor' }), now)).toBe(false);
  });
});

describe('the query cache', () => {
  let client: QueryClient;
  const open = alertsQuery({ state: ['open'] }).queryKey;
  const everything = alertsQuery({}).queryKey;
  beforeEach(() => {
    client = new QueryClient();
    client.setQueryData(open, pages([alertOf({ id: 'a' })]));
    client.setQueryData(everything, pages([alertOf({ id: 'a' })]));
  });

  it('moves an acknowledged alert out of the open ones and keeps it among all', () => {
    applyAlerts(client, [alertOf({ id: 'a', state: 'acknowledged' })]);
    expect(ids(client.getQueryData(open))).toEqual([[]]);
    expect(client.getQueryData(everything)?.pages[0]?.items[0]?.state).toBe('acknowledged');
  });
  it('shows a new alert in every list that it belongs to', () => {
    applyAlerts(client, [alertOf({ id: 'b' }), alertOf({ id: 'c' })]);
    expect(ids(client.getQueryData(open))).toEqual([['c', 'b', 'a']]);
  });
  it('does not grow without end: too long a list begins anew and asks the server', () => {
    applyAlerts(
      client,
      Array.from({ length: MAX_LISTED }, (_, n) => alertOf({ id: `al_${n}` })),
    );
    expect(client.getQueryData(open)?.pages[0]?.items).toHaveLength(100);
    expect(client.getQueryData(open)?.pages[0]?.items[0]?.id).toBe(`al_${MAX_LISTED - 1}`);
    expect(client.getQueryState(open)?.isInvalidated).toBe(true);
  });
  it('keeps what somebody scrolled to, however long the list has become', () => {
    const long = Array.from({ length: MAX_LISTED + 100 }, (_, n) => alertOf({ id: `al_${n}` }));
    client.setQueryData(open, pages(long));
    receiveAlerts(client, [alertOf({ id: 'al_2050', count: 99 })]);
    expect(client.getQueryData(open)?.pages[0]?.items).toHaveLength(MAX_LISTED + 100);
    expect(client.getQueryState(open)?.isInvalidated).toBe(false);
  });
  it('updates the open page of the alert and keeps its requests', () => {
    const detail: AlertDetail = {
      alert: alertOf(),
      ...noParties,
      points: [],
      severitySteps: [],
      requests: [],
      decisions: [decisionOf()],
    };
    client.setQueryData(['alert', 'al_one'], detail);
    applyAlerts(client, [alertOf({ count: 70 })]);
    expect(client.getQueryData<AlertDetail>(['alert', 'al_one'])).toEqual({ ...detail, alert: alertOf({ count: 70 }) });
  });
  it('shows a decision on the pages of its subject only, and lifts it there', () => {
    const other = alertOf({ id: 'al_two', subject: { type: 'address', id: 'user-07' } });
    client.setQueryData(['alert', 'al_one'], {
      alert: alertOf(),
      ...noParties,
      points: [],
      severitySteps: [],
      requests: [],
      decisions: [],
    });
    client.setQueryData(['alert', 'al_two'], {
      alert: other,
      ...noParties,
      points: [],
      severitySteps: [],
      requests: [],
      decisions: [],
    });
    client.setQueryData(decisionsQuery({ active: true }).queryKey, pages([]));
    applyDecisions(client, [decisionOf()]);
    expect(client.getQueryData<AlertDetail>(['alert', 'al_one'])?.decisions).toEqual([decisionOf()]);
    expect(client.getQueryData<AlertDetail>(['alert', 'al_two'])?.decisions).toEqual([]);
    expect(ids(client.getQueryData(decisionsQuery({ active: true }).queryKey))).toEqual([['de_one']]);
    applyDecisions(client, [decisionOf({ liftedAt: 5, liftedBy: 'ada' })]);
    expect(client.getQueryData<AlertDetail>(['alert', 'al_one'])?.decisions[0]?.liftedBy).toBe('ada');
    expect(ids(client.getQueryData(decisionsQuery({ active: true }).queryKey))).toEqual([[]]);
  });
});

describe('a list that somebody reads', () => {
  let client: QueryClient;
  const key = alertsQuery({ state: ['open'] }).queryKey;
  const hash = hashKey(key);
  const shown = () => ids(client.getQueryData(key));
  beforeEach(() => {
    client = new QueryClient();
    client.setQueryData(key, pages([alertOf({ id: 'a' }), alertOf({ id: 'b' })]));
    heldAlerts.hold(hash);
  });
  afterEach(() => void heldAlerts.release(hash));

  it('does not grow while it is read, changes where it stands, and gets what waited afterwards', () => {
    receiveAlerts(client, [alertOf({ id: 'n' }), alertOf({ id: 'b', count: 99 }), alertOf({ id: 'm' })]);
    receiveAlerts(client, [alertOf({ id: 'n', count: 5 })]);
    expect(shown()).toEqual([['a', 'b']]);
    expect(client.getQueryData(key)?.pages[0]?.items[1]?.count).toBe(99);
    expect(heldAlerts.count(hash)).toBe(2);
    releaseAlerts(client, key, hash);
    expect(shown()).toEqual([['n', 'm', 'a', 'b']]);
    expect(client.getQueryData(key)?.pages[0]?.items[0]?.count).toBe(5);
  });
  it('forgets what ceased to belong into it while it waited', () => {
    receiveAlerts(client, [alertOf({ id: 'n' })]);
    receiveAlerts(client, [alertOf({ id: 'n', state: 'resolved' })]);
    expect(heldAlerts.count(hash)).toBe(0);
  });
  it('shows at once what the person does itself', () => {
    receiveAlerts(client, [alertOf({ id: 'n' })]);
    applyAlerts(client, [alertOf({ id: 'n', count: 7 })]);
    expect(shown()).toEqual([['n', 'a', 'b']]);
    expect(heldAlerts.count(hash)).toBe(0);
  });
  it('begins anew from the server where more waited than is kept', () => {
    for (let n = 0; n < 500; n += 1) receiveAlerts(client, [alertOf({ id: `al_${n}` })]);
    expect(shown()).toEqual([['a', 'b']]);
    releaseAlerts(client, key, hash);
    expect(client.getQueryState(key)?.isInvalidated).toBe(true);
  });
  it('has what waited in the answer when it is asked for again, and is held still', async () => {
    const stop = keepThroughAnswers(client);
    receiveAlerts(client, [alertOf({ id: 'n' })]);
    const asked = slowly(client, key);
    receiveAlerts(client, [alertOf({ id: 'm' })]);
    await asked.answer([alertOf({ id: 'n' }), alertOf({ id: 'a' })]);
    expect(shown()).toEqual([['n', 'a']]);
    expect(heldAlerts.count(hash)).toBe(1);
    receiveAlerts(client, [alertOf({ id: 'n', count: 99 })]);
    releaseAlerts(client, key, hash);
    expect(shown()).toEqual([['m', 'n', 'a']]);
    expect(client.getQueryData(key)?.pages[0]?.items[1]?.count).toBe(99);
    stop();
  });
});

/** Asks for the first page of a list; the test gives the answer. */
function slowly(client: QueryClient, queryKey: QueryKey) {
  let settle: (page: Page<unknown>) => void = () => {};
  const answered = new Promise<Page<unknown>>((resolve) => {
    settle = resolve;
  });
  const done = client.fetchInfiniteQuery({ queryKey, queryFn: () => answered, initialPageParam: undefined });
  return {
    answer: async (items: unknown[]) => {
      settle({ items, nextCursor: null });
      await done;
    },
  };
}

describe('an answer that was on its way', () => {
  it('overwrites nothing that was told meanwhile, and is not overwritten by what it has newer', async () => {
    const client = new QueryClient();
    const stop = keepThroughAnswers(client);
    const key = alertsQuery({ state: ['open'] }).queryKey;
    client.setQueryData(key, pages([alertOf({ id: 'a' }), alertOf({ id: 'b' }), alertOf({ id: 'c' })]));
    const asked = slowly(client, key);
    applyAlerts(client, [alertOf({ id: 'a', version: 1, state: 'resolved' })]);
    receiveAlerts(client, [alertOf({ id: 'n' }), alertOf({ id: 'c', count: 5 })]);
    await asked.answer([alertOf({ id: 'a' }), alertOf({ id: 'b' }), alertOf({ id: 'c', count: 9, lastAt: 3_000 })]);
    expect(ids(client.getQueryData(key))).toEqual([['n', 'b', 'c']]);
    expect(client.getQueryData(key)?.pages[0]?.items[2]?.count).toBe(9);
    stop();
  });
  it('brings back no decision that was lifted meanwhile', async () => {
    const client = new QueryClient();
    const stop = keepThroughAnswers(client);
    const key = decisionsQuery({ active: true }).queryKey;
    client.setQueryData(key, pages([decisionOf()]));
    const asked = slowly(client, key);
    applyDecisions(client, [decisionOf({ liftedAt: 5 })]);
    await asked.answer([decisionOf()]);
    expect(ids(client.getQueryData(key))).toEqual([[]]);
    stop();
  });
});
