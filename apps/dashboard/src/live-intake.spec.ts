import type { Alert } from '@plimsoll/contracts';
import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createIntake } from './live-intake.js';
import { alertQuery, alertsQuery, relatedQuery } from './queries.js';
import { alertOf, noParties } from './samples.fixture.js';

const key = alertsQuery({}).queryKey;
let client: QueryClient;
let renders: number;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
  client.setQueryData(key, { pages: [{ items: [], nextCursor: null }], pageParams: [undefined] });
  renders = 0;
  client.getQueryCache().subscribe(({ type, query }) => {
    if (type === 'updated' && query.queryKey[0] === 'alerts') renders += 1;
  });
});
afterEach(() => vi.useRealTimers());

describe('live intake', () => {
  it('applies a burst at once, of each alert the last state', () => {
    const intake = createIntake(client);
    for (let count = 1; count <= 50; count += 1) intake.alert(alertOf({ count }));
    intake.alert(alertOf({ id: 'al_two' }));
    expect(renders).toBe(0);
    vi.advanceTimersByTime(100);
    const items = client.getQueryData(key)?.pages[0]?.items;
    expect(items?.map(({ id, count }) => [id, count])).toEqual([
      ['al_two', 62],
      ['al_one', 50],
    ]);
    expect(renders).toBe(1);
    intake.stop();
  });

  it('asks for counts again once in two seconds, however many events come', () => {
    const asked = vi.spyOn(client, 'invalidateQueries');
    const intake = createIntake(client);
    for (let i = 0; i < 30; i += 1) {
      intake.alert(alertOf({ count: i }));
      vi.advanceTimersByTime(100);
    }
    const overview = asked.mock.calls.filter(([filter]) => filter?.queryKey?.[0] === 'overview');
    expect(overview).toHaveLength(1);
    intake.stop();
  });

  it('asks again how large campaigns are where somebody joined one, and else not', () => {
    const asked = vi.spyOn(client, 'invalidateQueries');
    const sizes = () => asked.mock.calls.filter(([filter]) => filter?.queryKey?.[0] === 'campaign-sizes').length;
    const intake = createIntake(client);
    intake.alert(alertOf());
    vi.advanceTimersByTime(3_000);
    expect(sizes()).toBe(0);
    for (const id of ['al_two', 'al_three']) intake.alert(alertOf({ id, campaign: 'al_one' }));
    vi.advanceTimersByTime(3_000);
    expect(sizes()).toBe(1);
    intake.stop();
  });

  it('asks again what is related to an alert where that changed, and else not', () => {
    const one = alertOf({ campaign: 'al_lead' });
    const [related, detail] = [relatedQuery(one.id).queryKey, alertQuery(one.id).queryKey];
    const whole = { alert: one, ...noParties, points: [], severitySteps: [], requests: [], decisions: [] };
    client.setQueryData(detail, whole);
    const asked = (other: Partial<Alert>) => {
      client.setQueryData(related, { items: [] });
      const intake = createIntake(client);
      intake.alert(alertOf({ id: 'al_two', subject: { type: 'actor', id: 'else' }, ...other }));
      vi.advanceTimersByTime(3_000);
      intake.stop();
      return client.getQueryState(related)?.isInvalidated;
    };
    expect(asked({})).toBe(false);
    expect(asked({ campaign: 'al_lead' })).toBe(true);
    expect(asked({ id: 'al_lead' })).toBe(true);
    expect(asked({ subject: one.subject })).toBe(true);
    expect(asked({ subject: one.subject, service: 'bank' })).toBe(false);
  });

  it('refetches everything instead of holding more than a thousand', () => {
    const asked = vi.spyOn(client, 'invalidateQueries');
    const intake = createIntake(client);
    for (let i = 0; i <= 1_000; i += 1) intake.alert(alertOf({ id: `al_${i}` }));
    expect(asked.mock.calls.map(([filter]) => filter?.queryKey?.[0])).toContain('alerts');
    vi.advanceTimersByTime(100);
    expect(client.getQueryData(key)?.pages[0]?.items).toEqual([]);
    intake.stop();
  });
});
