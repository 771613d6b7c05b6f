import { describe, expect, it } from 'vitest';
import { groupsFor } from './keyboard-help.js';

const keysOf = (path: string) => {
  const [first] = groupsFor(path);
  return [first?.name, first?.keys.map(([key]) => key)];
};

describe('the help on keys', () => {
  it('begins with those of the page that is open', () => {
    expect(keysOf('/decisions')).toEqual(['On this page', ['n']]);
    expect(keysOf('/audit')).toEqual(['On this page', ['j / k', 'Enter', '/']]);
    expect(keysOf('/alerts/alt_1')).toEqual(['On this page', expect.arrayContaining(['c', 't', 'h', 'u'])]);
    expect(keysOf('/alerts')).toEqual(['On this page', expect.arrayContaining(['x', 'J / K', 'e'])]);
  });

  it('has every group once, wherever it is opened', () => {
    const all = groupsFor('/nowhere');
    expect(all[0]?.name).toBe('Anywhere');
    for (const path of ['/', '/alerts', '/investigate', '/decisions', '/audit']) {
      const keys = groupsFor(path).map((group) => group.keys);
      expect(keys).toHaveLength(all.length);
      expect(new Set(keys)).toEqual(new Set(all.map((group) => group.keys)));
    }
  });
});
