import { describe, expect, it } from 'vitest';
import { filterOf, isNarrowed, readAuditSearch } from './search.js';

describe('the audit in the address', () => {
  it('reads old and broken links as far as it can', () => {
    const read = readAuditSearch({
      person: 'per_1',
      action: 'decision.',
      outcome: 'maybe',
      from: 'x',
      until: '9',
      text: 7,
    });
    expect(read).toEqual({ person: 'per_1', action: 'decision.', until: 9, text: '7' });
    expect(readAuditSearch({ action: 'DROP TABLE', person: '../x' })).toEqual({});
  });

  it('asks for what is named alone', () => {
    expect(filterOf({ person: 'per_1', text: '', service: undefined })).toEqual({ person: 'per_1' });
    expect([isNarrowed({}), isNarrowed({ text: '' }), isNarrowed({ from: 0 })]).toEqual([false, false, true]);
  });
});
