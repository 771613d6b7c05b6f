import { describe, expect, it } from 'vitest';
import { filtersOf, isFiltered, readAlertSearch, viewSearch, viewText } from './search.js';

describe('filters in the address', () => {
  it('means unresolved alerts where nothing is chosen', () => {
    expect(filtersOf(readAlertSearch({}))).toEqual({ state: ['open', 'acknowledged'] });
    expect(isFiltered({})).toBe(false);
  });
  it('means all of them, or one state', () => {
    expect(filtersOf({ state: 'all' })).toEqual({});
    expect(filtersOf({ state: 'resolved' })).toEqual({ state: ['resolved'] });
  });
  it('reads lists, and leaves out what it does not know', () => {
    const search = readAlertSearch({ kind: 'probing,<script>,rate', severity: 'none', state: 'gone' });
    expect(filtersOf(search)).toEqual({ state: ['open', 'acknowledged'], kind: ['rate', 'probing'] });
  });
  it('takes a subject that looks like a number as the text it is', () => {
    expect(filtersOf(readAlertSearch({ subject: 42, state: 'all' }))).toEqual({ subject: '42' });
  });
  it('drops a subject that no alert can have', () => {
    expect(readAlertSearch({ subject: 'x'.repeat(769) }).subject).toBeUndefined();
  });
  it('knows who I am, and keeps every filter in a view', () => {
    const search = { assignee: 'me', text: 'GET /x', mentioned: true, group: 'campaign', since: 5, kind: 'rate' } as const;
    expect(filtersOf(search, 'per_ada')).toMatchObject({ assignee: 'per_ada', text: 'GET /x', mentioned: true, since: 5 });
    expect(viewSearch(viewText(search))).toEqual(search);
    expect(viewSearch('?kind=evil&state=<b>&assignee=a b&since=x')).toEqual({ kind: '' });
  });
});
