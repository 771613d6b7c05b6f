import type { TrafficTick } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import { createTrafficRing, RING_SECONDS } from './traffic-ring.js';

const tick = (second: number, requests: number, service = 'shop'): TrafficTick => ({
  service,
  second,
  requests,
  errors: 1,
  throttled: 2,
  blocked: 3,
});

describe('traffic ring', () => {
  it('gives a second that was told twice its last count, and gaps as zeros', () => {
    const ring = createTrafficRing();
    ring.add([tick(1000, 5), tick(1002, 7)]);
    ring.add([tick(1002, 9)]);
    expect(ring.series(1000, 1003).map(({ second, requests }) => [second, requests])).toEqual([
      [1000, 5],
      [1001, 0],
      [1002, 9],
      [1003, 0],
    ]);
    expect([ring.oldest, ring.newest]).toEqual([1000, 1002]);
  });

  it('sums services, or gives one', () => {
    const ring = createTrafficRing();
    ring.add([tick(50, 5, 'a'), tick(50, 6, 'b')]);
    expect(ring.series(50, 50)).toEqual([{ second: 50, requests: 11, errors: 2, throttled: 4, blocked: 6 }]);
    expect(ring.series(50, 50, 'b')[0]?.requests).toBe(6);
    expect(ring.series(50, 50, 'unknown')[0]?.requests).toBe(0);
  });

  it('keeps five minutes: an older second is overwritten, never shown as new, and a late one is dropped', () => {
    const ring = createTrafficRing();
    ring.add([tick(1000, 5)]);
    ring.add([tick(1000 + RING_SECONDS, 8)]);
    expect(ring.series(1000, 1000)[0]?.requests).toBe(0);
    ring.add([tick(1000, 99)]);
    expect(ring.dropped).toBe(1);
    expect(ring.series(1000 + RING_SECONDS, 1000 + RING_SECONDS)[0]?.requests).toBe(8);
    expect(ring.series(0, 1_000_000)).toHaveLength(RING_SECONDS);
  });

  it('takes 100 services and counts the ticks of the others', () => {
    const ring = createTrafficRing();
    ring.add(Array.from({ length: 130 }, (_, index) => tick(10, 1, `service-${index}`)));
    expect(ring.series(10, 10)[0]?.requests).toBe(100);
    expect(ring.dropped).toBe(30);
  });

  it('tells its listeners of each add, until they leave', () => {
    const ring = createTrafficRing();
    const listener = vi.fn();
    const leave = ring.subscribe(listener);
    ring.add([tick(1, 1)]);
    const version = ring.version;
    leave();
    ring.add([tick(2, 1)]);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(ring.version).not.toBe(version);
  });
});
