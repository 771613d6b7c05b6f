import type { TrafficPoint } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { backfill, fromSeconds, rates, withUsual } from './samples.js';

const second = (at: number, requests = 0) => ({ second: at, requests, errors: 0, throttled: 0, blocked: 0 });
const minute = (ts: number, requests: number): TrafficPoint => ({
  ts,
  requests,
  errors: 0,
  clientErrors: 0,
  throttled: 0,
  blocked: 0,
  durationMsMean: 0,
});

describe('samples of the traffic chart', () => {
  it('stacks to the requests, and never below zero', () => {
    const [sample] = fromSeconds([{ second: 2, requests: 10, errors: 1, throttled: 3, blocked: 2 }]);
    expect(sample).toEqual({ ts: 2_000, served: 4, errors: 1, throttled: 3, blocked: 2 });
    expect(fromSeconds([{ second: 2, requests: 1, errors: 1, throttled: 1, blocked: 0 }])[0]?.served).toBe(0);
  });
  it('fills seconds from before the page was opened with the mean of their minute', () => {
    const filled = backfill([second(100), second(119), second(120, 7)], 120, [minute(60_000, 600)], 130_000);
    expect(filled.map(({ requests }) => requests)).toEqual([10, 10, 7]);
  });
  it('knows that the last minute was not over when it was asked for', () => {
    const filled = backfill([second(65)], 0, [minute(60_000, 200)], 80_000);
    expect(filled[0]?.requests).toBe(10);
  });
  it('goes by the minute before while a minute has just begun', () => {
    const filled = backfill([second(121)], 0, [minute(60_000, 600), minute(120_000, 1)], 122_000);
    expect(filled[0]?.requests).toBe(10);
  });
  it('gives the mean of the seconds', () => {
    expect(rates([second(1, 4), second(2, 8)])).toEqual({ perSecond: 6, requests: 12, errors: 0 });
    expect(rates([]).perSecond).toBe(0);
  });
  it('says what is usual at its time, in its own measure, and nothing where it is not known', () => {
    const samples = fromSeconds([second(61, 5), second(130, 5)]);
    const point = { ts: 60_000, low: 600, high: 1_500 };
    const [known, unknown] = withUsual(samples, [point], 60_000);
    expect(known?.usual).toEqual([600, 1_500]);
    expect(unknown).toBe(samples[1]);
    // A second scatters more than a sixtieth of its minute does.
    const [one] = withUsual(samples, [point], 60_000, 1 / 60);
    expect(one?.usual?.map((value) => Math.round(10 * value))).toEqual([48, 332]);
  });
});
