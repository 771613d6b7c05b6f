import { describe, expect, it } from 'vitest';
import { alertOf } from '../samples.fixture.js';
import { excessOf, excessText, stepFor, stepText, worstText } from './severity-words.js';

const steps = [
  { from: 0, severity: 'low' },
  { from: 2, severity: 'medium' },
  { from: 5, severity: 'high' },
] as const;

describe('why an alert is so grave', () => {
  it('is said in its own figures', () => {
    expect(excessText(alertOf({ observed: 60, limit: 20 }))).toBe(
      '60 requests a minute against a limit of 20: 3 times the limit.',
    );
  });
  it('divides as the model does: a limit below one counts as one', () => {
    expect(excessOf({ observed: 3, limit: 0.1 })).toBe(3);
  });
  it.each([
    [0, 'low'],
    [1.9, 'low'],
    [2, 'medium'],
    [50, 'high'],
  ])('%d limits: %s', (excess, severity) => expect(stepFor(steps, excess)).toBe(severity));
  it('tells where it is kept at its worst', () => {
    expect(worstText(alertOf({ severity: 'medium', observed: 60, limit: 20 }), steps)).toBeUndefined();
    expect(worstText(alertOf({ severity: 'high', observed: 60, limit: 20 }), steps)).toBe(
      'What is observed now would be medium: an alert keeps the worst that it was.',
    );
  });
  it('names the steps', () => {
    expect(steps.map(stepText)).toEqual(['from the limit on', 'from 2 times the limit', 'from 5 times the limit']);
  });
});
