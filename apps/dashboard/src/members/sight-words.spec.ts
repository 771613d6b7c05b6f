import { describe, expect, it } from 'vitest';
import { attributesIn, everything, typedSight } from './sight-fields.js';
import { namesIn, sightWords } from './sight-words.js';

describe('what somebody sees', () => {
  it.each([
    [{ everyTeam: true, teams: ['sales'], services: [] }, 'sees every team'],
    [{ everyTeam: false, teams: [], services: [] }, 'sees no service'],
    [{ everyTeam: false, teams: [], services: ['shop'] }, 'sees shop alone'],
    [{ everyTeam: false, teams: ['sales'], services: [] }, 'sees the team sales'],
    [{ everyTeam: false, teams: ['sales', 'bank'], services: ['shop'] }, 'sees the teams sales, bank, and of others shop'],
  ])('%j is said in words', (attributes, words) => {
    expect(sightWords({ ...attributes, groups: [] })).toBe(words);
  });

  it('is typed one a line, and read back as it was', () => {
    expect(namesIn(' sales\nbank \n\n sales ')).toEqual(['sales', 'bank']);
    const attributes = { everyTeam: false, teams: ['back office', 'Risk, Fraud'], services: ['shop'], groups: ['night'] };
    expect(attributesIn(typedSight(attributes))).toEqual(attributes);
    expect(attributesIn(everything)).toEqual({ everyTeam: true, teams: [], services: [], groups: [] });
  });
});
