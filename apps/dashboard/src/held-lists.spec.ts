import { describe, expect, it } from 'vitest';
import { COUNTED, HeldLists } from './held-lists.js';

const item = (id: string, state = 'open') => ({ id, state });
const lists = () => {
  const held = new HeldLists<ReturnType<typeof item>>();
  held.hold('list');
  return held;
};

describe('lists that somebody reads', () => {
  it('gives back what waited, each once and in its last state, oldest first', () => {
    const held = lists();
    held.wait('list', [item('a'), item('b')], []);
    held.wait('list', [item('a', 'acknowledged')], ['c']);
    expect(held.count('list')).toBe(2);
    expect(held.release('list')).toEqual([item('b'), item('a', 'acknowledged')]);
    expect(held.isHeld('list')).toBe(false);
  });
  it('lets go what came into the list another way, or belongs into it no more', () => {
    const held = lists();
    held.wait('list', [item('a'), item('b')], []);
    held.wait('list', [], ['a']);
    expect(held.count('list')).toBe(1);
    expect(held.release('list')).toEqual([item('b')]);
  });
  it('counts on where it keeps no more, and says so at the end', () => {
    const held = lists();
    for (let n = 0; n < 300; n += 1) held.wait('list', [item(`al_${n}`)], []);
    expect(held.count('list')).toBe(300);
    expect(held.release('list')).toBeUndefined();
  });
  it('is bounded, whatever comes', () => {
    const held = lists();
    held.wait(
      'list',
      Array.from({ length: COUNTED + 500 }, (_, n) => item(`al_${n}`)),
      [],
    );
    expect(held.count('list')).toBe(COUNTED);
  });
  it('keeps nothing for a list that nobody reads', () => {
    const held = lists();
    held.wait('other', [item('a')], []);
    expect(held.count('other')).toBe(0);
    expect(held.release('other')).toEqual([]);
  });
});
