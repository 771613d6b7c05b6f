import { describe, expect, it } from 'vitest';
import { around, filterOf, isNarrowed, partyOf, readInvestigateSearch } from './search.js';

describe('a search in the address', () => {
  it('is the last day where no time is named, and leaves out what is empty', () => {
    const now = 1_790_000_000_000;
    expect(filterOf({ actor: 'ada', path: '' }, 'shop', now)).toEqual({
      service: 'shop',
      actor: 'ada',
      from: now - 86_400_000,
      to: now,
    });
    expect(filterOf({ service: 'other', from: 5, to: 9 }, 'shop', now)).toEqual({ service: 'shop', from: 5, to: 9 });
  });

  it('reads old and broken links as far as it can', () => {
    expect(readInvestigateSearch({ from: 'yesterday', to: '12', actor: 7, x: 1 })).toEqual({ to: 12, actor: '7' });
  });

  it('names the party of a subject and the time around it', () => {
    expect([partyOf('actor', 'ada'), partyOf('service', 'shop')]).toEqual([{ actor: 'ada' }, {}]);
    expect(around(1000, 2000)).toEqual({ from: 0, to: 302_000 });
    expect([isNarrowed({ service: 'shop' }), isNarrowed({ service: 'shop', path: 'x' })]).toEqual([false, true]);
  });
});
