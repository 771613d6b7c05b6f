import { describe, expect, it } from 'vitest';
import { ApiError } from '../http.js';
import { faultsBelow, faultsIn, faultsOf, lineFaults, noFaults } from './faults.js';

describe('faults before asking', () => {
  it.each([
    [{ baseLimit: Number.NaN }, 'baseLimit', 'must be a number'],
    [{ baseLimit: -1 }, 'baseLimit', 'must be at least 0'],
    [{ alertBudget: 1.5 }, 'alertBudget', 'must be a whole number'],
    [{ sensitivity: 1_000 }, 'sensitivity', 'must be at most 100'],
    [{ groups: [{ name: '' }] }, 'groups.0.name', 'must not be empty'],
    [{ flows: [{ name: 'a', steps: ['GET /a'] }] }, 'flows.0.steps', 'needs at least 2'],
    [{ allow: { addresses: ['::1', '10.0.0.300'] } }, 'allow.addresses.1', expect.stringMatching(/^must be an IP address/)],
  ])('%j', (change, path, reason) => expect(faultsIn(change).get(path)).toEqual(reason));
  it('are none where all is well', () => expect(faultsIn({ baseLimit: 0, learnFlows: false })).toBe(noFaults));
});

describe('faults that the server names', () => {
  const problem = { type: 'urn:x', title: 'Bad Request', status: 400, code: 'invalid-body' as const };
  it('are found at the same paths', () => {
    const errors = [{ field: 'body.settings.groups.0.addresses.2', reason: 'no' }];
    expect(faultsOf(new ApiError({ type: 'problem', problem: { ...problem, errors } }))).toEqual(
      new Map([['groups.0.addresses.2', 'no']]),
    );
  });
  it('are none where the answer is about something else', () => {
    expect(faultsOf(new ApiError({ type: 'problem', problem }))).toBeUndefined();
    expect(faultsOf(new ApiError({ type: 'unreachable' }))).toBeUndefined();
    expect(faultsOf(null)).toBeUndefined();
  });
});

describe('faults in a list of lines', () => {
  const faults = new Map([
    ['a.1', 'no'],
    ['a.10', 'not'],
    ['ab.0', 'other'],
  ]);
  it('name the line', () => expect(lineFaults(faults, 'a', ['x', 'y'])).toBe('“y”: no; “”: not'));
  it('are counted where there are many', () => {
    const many = new Map(Array.from({ length: 9 }, (_, index) => [`a.${index}`, 'no']));
    expect(lineFaults(many, 'a', [])).toMatch(/; and 6 more$/);
  });
  it('are none where the list is sound', () => expect(lineFaults(faults, 'b', ['x'])).toBeUndefined());
  it('are counted below a path, not beside it', () => expect(faultsBelow(faults, 'a')).toBe(2));
});
