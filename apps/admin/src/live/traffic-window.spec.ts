import type { TrafficTick } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { TrafficWindow } from './traffic-window.js';

const S = 1_790_000_000;
const tick = (second: number, requests = 1, service = 'shop'): TrafficTick => ({
  service,
  second,
  requests,
  errors: 0,
  throttled: 0,
  blocked: 0,
});

describe('the window of traffic', () => {
  it('hands a second out once it is complete, and once', () => {
    const window = new TrafficWindow();
    window.add([tick(S, 3)], S * 1000 + 100);
    window.add([tick(S, 4)], S * 1000 + 900);
    expect(window.take(S * 1000 + 999)).toEqual([]);
    expect(window.take(S * 1000 + 1_000)).toEqual([tick(S, 7)]);
    expect(window.take(S * 1000 + 2_000)).toEqual([]);
  });

  it('hands it out again as a whole when a late piece comes', () => {
    const window = new TrafficWindow();
    window.add([tick(S, 3)], S * 1000);
    window.take(S * 1000 + 1_500);
    window.add([tick(S, 2), tick(S, 1, 'bank')], S * 1000 + 1_600);
    expect(window.take(S * 1000 + 2_500)).toEqual([tick(S, 5), tick(S, 1, 'bank')]);
  });

  it('leaves old files and wrong clocks out', () => {
    const window = new TrafficWindow();
    window.add([tick(S - 15), tick(S - 86_400), tick(S + 2)], S * 1000);
    expect(window.take((S + 5) * 1000)).toEqual([]);
  });

  it('stays bounded with invented services, and counts what it leaves out', () => {
    const window = new TrafficWindow();
    for (let i = 0; i < 16_000; i += 1) window.add([tick(S, 1, `s${i}`)], S * 1000);
    expect(window.take((S + 1) * 1000)).toHaveLength(15_000);
    expect(window.dropped).toBe(1_000);
    window.take((S + 20) * 1000);
    window.add([tick(S + 20)], (S + 20) * 1000);
    expect(window.take((S + 21) * 1000)).toHaveLength(1);
  });
});
