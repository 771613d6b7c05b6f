import { DEFAULT_SETTINGS, type Settings, settingsPatchSchema, settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { changesOf, draftOf, linesOf, newEndpoint, newFlow, newGroup, newStep, settingsOf } from './draft.js';
import { moved } from './order-buttons.js';
import { tuningText } from './tuning-fields.js';

const full: Settings = settingsSchema.parse({
  baseLimit: 20,
  sensitivity: 2.5,
  alertBudget: 0,
  kinds: { sequence: 'off', drift: 'monitor' },
  allow: { actors: ['monitor'], addresses: ['10.0.0.0/8', '::1'], credentials: ['fp_1'] },
  groups: [
    { name: 'Jobs', actors: ['job-*'], addresses: [], sensitivity: 4, kinds: { rate: 'off' } },
    { name: 'Staff', actors: ['ann'] },
  ],
  endpoints: [
    { endpoint: 'POST /pay', sensitive: false, baseLimit: 0 },
    { endpoint: 'GET /export', sensitive: true },
  ],
  flows: [{ name: 'Checkout', steps: ['POST /cart', 'POST /pay', 'POST /confirm'] }],
  learnFlows: false,
});

describe('the draft of the settings', () => {
  it.each([
    ['defaults', DEFAULT_SETTINGS],
    ['all of them set', full],
  ])('gives back what it was made of: %s', (_, settings) => {
    expect(settingsOf(draftOf(settings))).toEqual(settings);
    expect(changesOf(draftOf(settings), settings)).toEqual({});
  });
  it('sends what was changed and nothing else, and what the server takes', () => {
    const draft = { ...draftOf(full), sensitivity: '3', kinds: { drift: 'monitor' as const } };
    const changes = changesOf(draft, full);
    expect(changes).toEqual({ sensitivity: 3, kinds: { drift: 'monitor' } });
    expect(settingsPatchSchema.safeParse(changes).success).toBe(true);
  });
  it('is no change where kinds only stand in another order, or spaces came in', () => {
    const draft = { ...draftOf(full), kinds: { drift: 'monitor' as const, sequence: 'off' as const }, sensitivity: ' 2.50 ' };
    expect(changesOf(draft, full)).toEqual({});
  });
  it('takes an emptied number for a fault, not for a zero', () => {
    const { baseLimit } = changesOf({ ...draftOf(full), baseLimit: '' }, full);
    expect(baseLimit).toBeNaN();
    expect(changesOf({ ...draftOf(full), baseLimit: '0' }, full)).toEqual({ baseLimit: 0 });
  });
  it('leaves out what a row has as the service has it', () => {
    const draft = draftOf(DEFAULT_SETTINGS);
    draft.groups = [{ ...newGroup(), name: ' Jobs ', actors: 'job-*\n\n  nightly  \n' }];
    draft.endpoints = [{ ...newEndpoint(), endpoint: 'GET /a', sensitive: 'yes', sensitivity: '5' }];
    draft.flows = [{ ...newFlow(), name: 'F', steps: [newStep('GET /a'), newStep('GET /b ')] }];
    expect(changesOf(draft, DEFAULT_SETTINGS)).toEqual({
      groups: [{ name: 'Jobs', actors: ['job-*', 'nightly'], addresses: [] }],
      endpoints: [{ endpoint: 'GET /a', sensitive: true, sensitivity: 5 }],
      flows: [{ name: 'F', steps: ['GET /a', 'GET /b'] }],
    });
  });
});

describe('rows', () => {
  it('are moved within the list and no further', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
  });
  it('say what they have of their own', () => {
    expect(tuningText({ baseLimit: '', sensitivity: '', kinds: {} })).toBe('as the service');
    expect(tuningText({ baseLimit: '5', sensitivity: ' 3', kinds: { rate: 'off', drift: 'on' } })).toBe(
      'base limit 5, sensitivity 3, 2 kinds',
    );
  });
  it('are lines without blanks', () => expect(linesOf(' a \r\n\n\tb')).toEqual(['a', 'b']));
});
