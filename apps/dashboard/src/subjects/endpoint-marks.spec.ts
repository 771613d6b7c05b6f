import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { marksOf } from './endpoint-marks.js';

const DAY = 86_400_000;
const now = 1_790_000_000_000;
const service = { createdAt: now - 60 * DAY, settings: DEFAULT_SETTINGS };
const endpoint = (part: object = {}) => ({
  endpoint: 'POST /pay',
  requests: 1_000,
  errors: 0,
  clientErrors: 0,
  throttled: 0,
  blocked: 0,
  durationMsMean: 3,
  firstAt: now - 30 * DAY,
  lastAt: now,
  ...part,
});
const names = (part: object, of = service) => marksOf(endpoint(part), of, now).map(({ name }) => name);

describe('the marks of an endpoint', () => {
  it.each([
    ['an ordinary one', {}, []],
    ['first seen this week', { firstAt: now - DAY }, ['new']],
    ['without a request for a week', { lastAt: now - 8 * DAY }, ['unused']],
    ['that mostly refuses', { clientErrors: 300 }, ['risky']],
    ['that breaks', { errors: 80 }, ['risky']],
    ['with three requests, all of them errors', { requests: 3, errors: 3, clientErrors: 0 }, []],
  ])('%s', (_, part, expected) => {
    expect(names(part)).toEqual(expected);
  });

  it('call nothing new in the first days of a service', () => {
    expect(names({ firstAt: now - 2 * DAY + 3_600_000 }, { ...service, createdAt: now - 2 * DAY })).toEqual([]);
  });

  it('say what the settings say', () => {
    const endpoints = [{ endpoint: 'POST /pay', sensitive: true }];
    const settings = { ...DEFAULT_SETTINGS, endpoints } as typeof DEFAULT_SETTINGS;
    expect(marksOf(endpoint(), { ...service, settings }, now)).toEqual([
      { name: 'risky', why: 'the settings call it sensitive' },
    ]);
  });
});
