/** Turns of owner and stranger on one credential. */
import { describe, expect, it } from 'vitest';
import { TURN_SECONDS } from './constants.js';
import { newStay, takeTurn, turnsWith } from './stay.js';

/** A stranger came at 100 with the owner's credential; then these requests, by second. */
function after(...requests: [who: 'owner' | 'stranger', second: number][]) {
  const stay = { ...newStay(1, 2, '203.0.113.66', 100), credential: 'token-1' };
  return requests.map(([who, second]) => {
    const strangers = who === 'stranger';
    const foreseen = turnsWith(stay, strangers, second);
    takeTurn(stay, strangers, second);
    expect(stay.turns).toBe(foreseen);
    return stay.turns;
  });
}

describe('turns', () => {
  it('are counted one after another, and as they were foreseen', () => {
    expect(after(['owner', 110], ['owner', 111], ['stranger', 120], ['owner', 130], ['stranger', 140])).toEqual([1, 1, 2, 3, 4]);
  });

  it('are none where a log may only have been overtaken by the first of the other', () => {
    expect(after(['owner', 102], ['stranger', 103], ['owner', 103])).toEqual([0, 0, 1]);
    expect(after(['owner', 110], ['stranger', 111], ['stranger', 112], ['stranger', 113])).toEqual([1, 1, 1, 2]);
  });

  it('begin anew after a pause', () => {
    expect(after(['owner', 110], ['stranger', 120], ['owner', 121 + TURN_SECONDS])).toEqual([1, 2, 1]);
  });
});
