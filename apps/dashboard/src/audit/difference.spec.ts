import { describe, expect, it } from 'vitest';
import { differences, MAX_SHOWN, valuesOf } from './difference.js';

describe('what a change changed', () => {
  it('is every value that differs, by its path', () => {
    const before = { policy: 'monitor', settings: { kinds: { rate: 'on' }, sensitivity: 1.5 }, teams: ['a', 'b'] };
    const after = { policy: 'block', settings: { kinds: { rate: 'on', drift: 'off' }, sensitivity: 1.5 }, teams: ['a'] };
    expect(differences(before, after)).toEqual([
      { path: 'policy', before: 'monitor', after: 'block' },
      { path: 'teams', before: 'a, b', after: 'a' },
      { path: 'settings.kinds.drift', before: undefined, after: 'off' },
    ]);
  });

  it('is all of one side where there is no other', () => {
    expect(differences(null, { name: 'k', scopes: ['ingest:write'], end: null })).toEqual([
      { path: 'name', before: undefined, after: 'k' },
      { path: 'scopes', before: undefined, after: 'ingest:write' },
    ]);
    expect(differences('a', 'b')).toEqual([{ path: '', before: 'a', after: 'b' }]);
    expect(differences({ a: 1 }, { a: 1 })).toEqual([]);
  });

  it('is bounded, in number and depth, and reads hostile names as names', () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`n${i}`, i]));
    expect(differences(null, wide)).toHaveLength(MAX_SHOWN);
    let deep: unknown = 'end';
    for (let i = 0; i < 50; i += 1) deep = { d: deep };
    expect([...valuesOf(deep).keys()]).toEqual(['d.d.d.d.d.d.d.d']);
    expect([...valuesOf(JSON.parse('{"__proto__": {"x": 1}}')).entries()]).toEqual([['__proto__.x', '1']]);
  });
});
