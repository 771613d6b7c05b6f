import { describe, expect, it } from 'vitest';
import { riskReasons } from './risk-words.js';

describe('why the console holds something against a person', () => {
  it('is a line for each kind of what was found', () => {
    expect(riskReasons({ level: 60, signals: ['scraping', 'rate'] })).toEqual([
      'Scraping: a steady walk over the catalogue.',
      'Rate: far more requests than it and its peers make here.',
    ]);
  });

  it('is said not to be known where nothing was found and yet something counts', () => {
    expect(riskReasons({ level: 60, signals: [] })).toEqual([expect.stringContaining('cannot be read')]);
    expect(riskReasons({ level: 0, signals: [] })).toEqual([]);
  });
});
